"""The tables about people and credentials. None is derived from the journal; secrets stand here only as hashes."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base, BigId

_ID = sa.String(36)
_PLACE = sa.String(32)
_HASH = sa.String(64)


class PersonRow(Base):
    """A person. `sign_in` is the name folded, so that one name is one person; no password, no sign-in by name."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(128))
    sign_in: Mapped[str] = mapped_column(sa.String(256), unique=True)
    language: Mapped[str] = mapped_column(sa.String(8))
    active: Mapped[bool]
    password: Mapped[str | None] = mapped_column(sa.String(256))
    created_at: Mapped[datetime]


class PersonGrant(Base):
    """One role of a person, scoped to a site, a line or a process; NULL is no limit."""

    __tablename__ = "person_grant"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(_PLACE)
    site: Mapped[str | None] = mapped_column(_PLACE)
    line: Mapped[str | None] = mapped_column(_PLACE)
    process: Mapped[str | None] = mapped_column(_PLACE)


class NoticeAddress(Base):
    """Where a person is told, as an Apprise URL. It may hold a secret of that service."""

    __tablename__ = "notice_address"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(sa.String(1024))


class PseudonymRow(Base):
    """Which person stands behind a pseudonym of a site's journal; a badge is nothing but such a row.

    `person` is NULL once the person was forgotten: the row stays so that the badge never means somebody else.
    """

    __tablename__ = "pseudonym"

    site: Mapped[str] = mapped_column(_PLACE, primary_key=True)
    pseudonym: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    person: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"), index=True)
    badge: Mapped[bool]
    since: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Pin(Base):
    """A person's PIN as a keyed hash, by which its holder is found."""

    __tablename__ = "pin"

    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(_HASH, unique=True)
    since: Mapped[datetime]


class PersonSession(Base):
    """A signed-in browser. Of its token only the SHA-256 is kept."""

    __tablename__ = "person_session"

    token: Mapped[str] = mapped_column(_HASH, primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class UnfinishedSession(Base):
    """A browser on the way in, and what it lacks. It stands apart from those that are in, also for old programs."""

    __tablename__ = "unfinished_session"

    token: Mapped[str] = mapped_column(_HASH, primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    lacks: Mapped[str] = mapped_column(_PLACE)
    created_at: Mapped[datetime]


class FirstPassword(Base):
    """That a password was set by somebody else, and until when it lets its person in to choose another.

    `password` is the hash that is meant: once the person has another, by whatever program, this says nothing any more.
    """

    __tablename__ = "first_password"

    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    password: Mapped[str] = mapped_column(sa.String(256))
    until: Mapped[datetime]


class SecondFactor(Base):
    """What a person's telephone makes codes of, sealed by a key that stands elsewhere; the last step that counted."""

    __tablename__ = "second_factor"

    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(sa.String(512))
    last_step: Mapped[int] = mapped_column(sa.BigInteger)
    since: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in for the telephone once, as its SHA-256."""

    __tablename__ = "recovery_code"

    code: Mapped[str] = mapped_column(_HASH, primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)


class Attempts(Base):
    """How often something was tried since when: in the database, so that every worker counts together."""

    __tablename__ = "attempts"

    bucket: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]


class BoardToken(Base):
    """A credential that may only look at the board of a site or of one of its lines."""

    __tablename__ = "board_token"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_PLACE, index=True)
    line: Mapped[str | None] = mapped_column(_PLACE)
    label: Mapped[str] = mapped_column(sa.String(64))
    token: Mapped[str] = mapped_column(_HASH, unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PersonIdentity(Base):
    """An account of the plant's provider, by what the provider never gives to anybody else, and whose it is here."""

    __tablename__ = "person_identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "person"),)

    issuer: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]


class RosterRow(Base):
    """Who holds a role at a place in a shift, from one local date to another (both included; NULL is open).

    With `stands_in_for` it is a substitution: in its days this person takes the other's place of that role.
    """

    __tablename__ = "roster"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    site: Mapped[str] = mapped_column(_PLACE, index=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(_PLACE)
    line: Mapped[str | None] = mapped_column(_PLACE)
    process: Mapped[str | None] = mapped_column(_PLACE)
    shift: Mapped[str | None] = mapped_column(_PLACE)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    stands_in_for: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))


class StationCredential(Base):
    """What a station proves itself with: to the broker (in its own password format) and to the upload of photos."""

    __tablename__ = "station_credential"

    station: Mapped[str] = mapped_column(_PLACE, primary_key=True)
    site: Mapped[str] = mapped_column(_PLACE)
    password: Mapped[str] = mapped_column(sa.String(160))
    upload: Mapped[str] = mapped_column(_HASH, unique=True)
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class FirstRunCode(Base):
    """The hash of the one-time code that lets the first administrator in; at most one row."""

    __tablename__ = "first_run_code"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(_HASH)
