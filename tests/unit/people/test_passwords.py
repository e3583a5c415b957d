"""Which passwords are taken: long enough ones of any signs, and none that is guessed first."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from threenos_server.errors import Invalid
from threenos_server.people import common_passwords, passwords


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    passwords.use(passwords.COST)


@pytest.mark.parametrize(
    "good",
    [
        "8 signs!",
        "只有汉字的长密码也可以",
        "no composition rule at all",
        "x" * 64,
        " spaces count ",
        "y" * 128,
        "🔑🔩⚙️🏭🚧🧰🔧🪛",
    ],
)
def test_any_signs_will_do(good: str) -> None:
    """From eight to 128 characters, without a rule about capitals, digits or signs, and checked as they were typed."""
    kept = passwords.hashed(good, "Li Na")
    assert passwords.matches(good, kept)
    assert not passwords.matches(good.swapcase() + "!", kept)
    assert not passwords.matches(good[:-1], kept)


@pytest.mark.parametrize(
    "bad",
    [
        *("short77", "z" * 129, "password", "PassWord1", "12345678", "qwertyuiop", "iloveyou", "Threenos2026!"),
        *("admin-admin", "supervisor1", "安灯123456789", "Li.Na.1990", "LINA--2026"),
    ],
)
def test_what_is_guessed_first_is_refused(bad: str) -> None:
    """Too short, too long, common, a word of this system, or the own name, with whatever digits around it."""
    with pytest.raises(Invalid) as refused:
        passwords.hashed(bad, "Li Na")
    assert refused.value.faults[0].where == "/password"


def test_the_list_is_long_enough() -> None:
    """At least three thousand that would pass for length."""
    assert len(common_passwords._leaked()) > 10_000


def test_the_cost_is_that_of_today() -> None:
    """OWASP's figures for argon2id; a salt and a hash of their own for each."""
    assert (passwords.COST.type.name, passwords.COST.time_cost, passwords.COST.memory_cost) == ("ID", 2, 19 * 1024)
    assert passwords.hashed("the same password") != passwords.hashed("the same password")


def test_an_old_hash_stays_good_when_the_cost_rises() -> None:
    """So that parameters can follow the machines."""
    kept = passwords.hashed("the same password")
    passwords.use(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert passwords.matches("the same password", kept)
