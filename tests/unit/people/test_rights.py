"""Who may know and manage whom, and what is kept of secrets."""

import pytest

from threenos_server.access import Actor, Grant, Role
from threenos_server.errors import Invalid
from threenos_server.people import secret
from threenos_server.people.model import Person, check_name, may_manage, may_see, sign_in_name

MOTOR_WORKER = Person("1", "Chen", "en", grants=(Grant(Role.WORKER, "plant", "motor"),))
HOUSING_WORKER = Person("2", "Zhou", "en", grants=(Grant(Role.WORKER, "plant", "housing"),))


def actor(*grants: Grant) -> Actor:
    return Actor("somebody", "p-1", grants)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.QUALITY_ENGINEER, Role.AUDITOR, Role.ADMIN])
def test_some_roles_know_everybody_of_their_site(role: Role) -> None:
    """They see the persons of their site, not of another."""
    assert may_see(actor(Grant(role, "plant")), "plant", MOTOR_WORKER)
    assert not may_see(actor(Grant(role, "elsewhere")), "plant", MOTOR_WORKER)


def test_a_team_leader_knows_the_own_line() -> None:
    """The names of another line are nobody's business but its own."""
    leader = actor(Grant(Role.TEAM_LEADER, "plant", "motor"))
    assert may_see(leader, "plant", MOTOR_WORKER)
    assert not may_see(leader, "plant", HOUSING_WORKER)


@pytest.mark.parametrize("role", [Role.WORKER, Role.PROCESS_OWNER, Role.DIRECTOR])
def test_others_know_no_names(role: Role) -> None:
    """To be high up is no reason to know who pressed."""
    assert not may_see(actor(Grant(role)), "plant", MOTOR_WORKER)


def test_an_administrator_hands_out_no_more_than_they_have() -> None:
    """The administrator of a site manages what lies wholly at that site."""
    local, everywhere = actor(Grant(Role.ADMIN, "plant")), actor(Grant(Role.ADMIN))
    assert may_manage(local, MOTOR_WORKER.grants)
    assert not may_manage(local, [Grant(Role.WORKER, "plant"), Grant(Role.WORKER, "elsewhere")])
    assert not may_manage(local, [Grant(Role.ADMIN)])
    assert may_manage(everywhere, [Grant(Role.ADMIN)])
    assert not may_manage(actor(Grant(Role.SUPERVISOR)), MOTOR_WORKER.grants)


def test_one_name_is_one_person() -> None:
    """Case, spaces and full-width letters make no other name; an unprintable one is none."""
    assert sign_in_name("  Li  NA") == sign_in_name("li na") == sign_in_name("ｌｉ ｎａ")
    assert check_name(" 李  娜 ") == "李 娜"
    for bad in ("", "   ", "a\u202eb", "x" * 129):
        with pytest.raises(Invalid):
            check_name(bad)


def test_a_typed_code_is_read_kindly() -> None:
    """Small letters and missing dashes do not matter."""
    code = secret.new_code()
    assert secret.normal_code(f" {code.lower().replace('-', '')} ") == code
    assert len({secret.new_code() for _ in range(50)}) == 50


def test_a_pin_is_six_digits_and_its_hash_needs_the_key() -> None:
    """Without the key nobody can try the million PINs against the table."""
    pin = secret.new_pin()
    assert len(pin) == 6 and pin.isdigit()
    assert secret.pin_digest(b"one", pin) != secret.pin_digest(b"two", pin)
