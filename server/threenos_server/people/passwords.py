"""Passwords with argon2id."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from threenos_server.errors import Fault, Invalid
from threenos_server.people.common_passwords import is_common

MIN_LENGTH = 8
MAX_LENGTH = 128

#: OWASP's figures for argon2id (19 MiB, 2 passes, 1 lane): fifty sign-ins at once must fit into a small PC.
COST = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hasher = COST


def use(hasher: PasswordHasher) -> None:
    """Hash with other parameters from now on in this process; what was hashed before stays valid."""
    global _hasher  # one cost for the process, chosen where the process is composed
    _hasher = hasher
    _nobody.cache_clear()


def hashed(password: str, name: str = "") -> str:
    """The argon2id hash of a password that is good enough for `name`. Raises Invalid when it is not."""
    password = _normal(password)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        detail = f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters"
        raise Invalid(detail, Fault("/password", detail))
    if is_common(password, _normal(name)):
        detail = "whoever guesses tries this password first; take a few words that do not belong together"
        raise Invalid(detail, Fault("/password", detail))
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one behind `kept`; takes as long when there is none, so that time tells nothing."""
    try:
        return _hasher.verify(kept or _nobody(), _normal(password)[: MAX_LENGTH + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # The same password typed on two keyboards may come composed or decomposed.
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
