"""The second factor of people with a password: codes of a telephone (TOTP, RFC 6238), or codes that stand in for it."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy.orm import Session

from threenos_server.access import Role
from threenos_server.db import Database, to_ms
from threenos_server.errors import Fault, Invalid
from threenos_server.people import limits, rows, secret
from threenos_server.people.tables import PersonGrant, PersonRow, RecoveryCode, SecondFactor

DIGITS, STEP_S = 6, 30
RECOVERY_CODES = 10
#: How long somebody may take to photograph a square and to type a code of it.
PROPOSED_S = 900
_SECRET_BYTES, _NONCE_BYTES = 20, 12


class Wanted(StrEnum):
    """Of whom a second factor is asked."""

    OWN = "own"
    ADMINS = "admins"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A secret that is not in use yet: `key` is typed or `address` photographed, `sealed` comes back with a code."""

    key: str
    address: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when a person has a second factor, if at all, and how many codes still stand in for it."""

    since: datetime | None
    codes_left: int


@dataclass(frozen=True, slots=True)
class _Opened:
    """A secret, when it was proposed, and what stood then."""

    made: bytes
    at: int
    instead_of: int

    def is_fresh(self, now: datetime) -> bool:
        return now.timestamp() - self.at <= PROPOSED_S


def propose(session: Session, key: bytes, person: str, now: datetime) -> Proposal:
    """A new secret for the person, in place of what stands now. Nothing is kept of it but by whoever asked.

    `key` is the pseudonym key.
    """
    made = secrets.token_bytes(_SECRET_BYTES)
    name = session.get_one(PersonRow, person).name
    typed = base64.b32encode(made).decode()
    address = _totp(made).get_provisioning_uri(name, "Threenos")
    return Proposal(typed, address, _sealed(key, person, made, now, _generation(session, person)))


def confirm(session: Session, key: bytes, person: str, sealed: str, code: str, now: datetime) -> list[str]:
    """Take a proposal into use, in place of whatever there was; the recovery codes, shown this one time.

    Raises Invalid for a proposal that is old, used or somebody else's, or made when something else stood, and for a
    code that is not of it.
    """
    rows.held(session, person)
    found = _opened(key, person, sealed)
    if found is None or not found.is_fresh(now) or found.instead_of != _generation(session, person):
        raise _begin_again()
    # What stands may be as it was then also because it was turned on and off in between.
    if limits.exhausted(session, limits.PROPOSAL, found.made.hex(), now):
        raise _begin_again()
    step = _step(found.made, _digits(code), now)
    if step is None:
        raise _wrong()
    limits.spend(session, limits.PROPOSAL, found.made.hex(), now)
    last = session.scalar(sa.select(SecondFactor.last_step).where(SecondFactor.person == person)) or 0
    take(session, person)
    session.add(SecondFactor(person=person, sealed=sealed, last_step=max(step, last), since=now))
    codes = [secret.new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(code=secret.digest(c), person=person) for c in codes)
    session.flush()
    return codes


def standing(session: Session, person: str) -> Standing:
    since = session.scalar(sa.select(SecondFactor.since).where(SecondFactor.person == person))
    codes = sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.person == person)
    return Standing(since, session.scalar(codes) or 0)


def is_wanted(session: Session, person: str, wanted: Wanted) -> bool:
    """Whether the person has to have one."""
    if wanted is Wanted.ADMINS:
        admin = sa.select(PersonGrant.id).where(PersonGrant.person == person, PersonGrant.role == Role.ADMIN)
        return session.scalar(admin.limit(1)) is not None
    return wanted is Wanted.EVERYONE


def take(session: Session, person: str) -> None:
    """The person has none any more, and what was guessed of it counts no more."""
    limits.clear(session, limits.CODE_DAY, person)
    session.execute(sa.delete(SecondFactor).where(SecondFactor.person == person))
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person == person))


def spend(db: Database, person: str, address: str, now: datetime, code: str = "") -> None:
    """Count one try of a code, in a transaction of its own as that of a password is. Raises TooMany.

    With `code`, which is to let somebody in, those of a telephone are counted by day as well.
    """
    with db.write() as session:
        limits.spend(session, limits.CODE_ADDRESS, address, now)
        limits.spend(session, limits.CODE_ACCOUNT, f"{person}\n{address}", now)
        limits.spend(session, limits.CODE_ANYWHERE, person, now)
        if _digits(code):
            limits.spend(session, limits.CODE_DAY, person, now)


def accept(session: Session, key: bytes, person: str, code: str, address: str, now: datetime) -> None:
    """Take a code of the telephone or a recovery code, which is good for nothing after that. Raises Invalid."""
    rows.held(session, person)
    digits = _digits(code)
    good = _accept_step(session, key, person, digits, now) if digits else _accept_recovery(session, person, code)
    if not good:
        raise _wrong()
    limits.clear(session, limits.CODE_ACCOUNT, f"{person}\n{address}")
    limits.clear(session, limits.CODE_ANYWHERE, person)
    limits.clear(session, limits.CODE_DAY, person)


def _accept_step(session: Session, key: bytes, person: str, digits: str, now: datetime) -> bool:
    sealed = session.scalar(sa.select(SecondFactor.sealed).where(SecondFactor.person == person))
    found = None if sealed is None else _opened(key, person, sealed)
    step = None if found is None else _step(found.made, digits, now)
    if step is None:
        return False
    # Of two who bring the same code at once only one moves the last step on.
    mine = sa.update(SecondFactor).where(SecondFactor.person == person, SecondFactor.last_step < step)
    return session.execute(mine.values(last_step=step).returning(SecondFactor.person)).first() is not None


def _accept_recovery(session: Session, person: str, code: str) -> bool:
    typed = secret.digest(secret.normal_code(code))
    mine = sa.delete(RecoveryCode).where(RecoveryCode.person == person, RecoveryCode.code == typed)
    return session.execute(mine.returning(RecoveryCode.code)).first() is not None


def _step(made: bytes, digits: str, now: datetime) -> int | None:
    """The step of which the code is: that of now, or one beside it, since telephones go wrong by some seconds."""
    at = int(now.timestamp()) // STEP_S
    for step in (at, at - 1, at + 1):
        try:
            _totp(made).verify(digits.encode(), step * STEP_S)
        except InvalidToken:
            continue
        return step
    return None


def _totp(made: bytes) -> TOTP:
    # What every telephone's program takes for granted; the hash's weakness is none in an HMAC.
    return TOTP(made, DIGITS, SHA1(), STEP_S)


def _digits(code: str) -> str:
    """The six digits that were typed, with whatever spaces; "" for what is no code of a telephone."""
    plain = "".join(code.split())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdecimal() else ""


def _generation(session: Session, person: str) -> int:
    """What stands for the person now, by when it was taken into use; 0 for nothing."""
    since = standing(session, person).since
    return 0 if since is None else to_ms(since)


def _sealed(key: bytes, person: str, made: bytes, now: datetime, instead_of: int) -> str:
    """For that person alone: what is sealed for one is nothing in the row of another."""
    content = f"{int(now.timestamp())} {made.hex()} {instead_of}"
    nonce = secrets.token_bytes(_NONCE_BYTES)
    box = _box(key).encrypt(nonce, content.encode(), person.encode())
    return base64.urlsafe_b64encode(nonce + box).decode()


def _opened(key: bytes, person: str, sealed: str) -> _Opened | None:
    """What was sealed for the person."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        content = _box(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], person.encode())
    except (ValueError, InvalidTag):  # no base64, too short; of another key or person
        return None
    at, made, instead_of = content.decode().split(" ")
    return _Opened(bytes.fromhex(made), int(at), int(instead_of))


def _box(key: bytes) -> AESGCM:
    """By a key of its own from the installation's, so that nothing more has to be copied from host to host."""
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(key))


def _begin_again() -> Invalid:
    return Invalid("this took too long, or was used already; begin again", Fault("/sealed", "begin again"))


def _wrong() -> Invalid:
    detail = "the code is not right, or was used already"
    return Invalid(detail, Fault("/code", detail))
