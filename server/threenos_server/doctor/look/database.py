"""The database, and what its tables say of the installation at work. Nothing is written."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from threenos_server.access import Role
from threenos_server.beats import ServiceBeat
from threenos_server.db import Database
from threenos_server.doctor.living import Stations, Work
from threenos_server.doctor.storage import Storage
from threenos_server.escalation import auditor, presence
from threenos_server.escalation.tables import StationPresence
from threenos_server.intake import tally
from threenos_server.intake.tables import Quarantined
from threenos_server.journal import guard, service, stored, witness
from threenos_server.journal.model import EMPTY, Break, Head, walk
from threenos_server.journal.tables import JournalRow, Site, Witness
from threenos_server.migrations import misfit, steps
from threenos_server.notify.model import NoticeState
from threenos_server.notify.tables import Notice
from threenos_server.people import stations as credentials
from threenos_server.people.tables import PersonGrant, PersonRow

DAY = timedelta(days=1)
#: So many of the last rows are followed; the whole journal is the matter of `threenos journal verify`.
LAST = 2000
_GUARDS = re.compile(r"TRIGGER (?:IF NOT EXISTS )?(\w+)")
#: What makes a commit durable in PostgreSQL, with the only words that do.
_DURABLE = {
    "fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "local", "remote_write", "remote_apply")
}  # fmt: skip
#: PostgreSQL hides what is in a schema from who may not use it, so that it looks empty.
_OPEN = "SELECT has_schema_privilege('public', 'USAGE')"
_CHANGES = ("UPDATE", "DELETE", "TRUNCATE")
#: The journal and, where it is divided, all of its parts: a right to one of them is a right to its rows.
_PARTS = "SELECT 'journal'::regclass::oid AS part UNION SELECT relid::oid FROM pg_partition_tree('journal')"


def storage(db: Database) -> Storage:
    """What kind of database it is and how it is kept."""
    with db.engine.connect() as connection:
        tables = sa.inspect(connection)
        if not tables.has_table("alembic_version"):
            return Storage(_product(connection), None, shut=not db.sqlite and not connection.scalar(sa.text(_OPEN)))
        version = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        wanted = {name for line in guard.statements(connection.dialect.name) for name in _GUARDS.findall(line)}
        there = set(connection.scalars(sa.text(_GUARDS_THERE[connection.dialect.name])))
        why = misfit(db) or ""
        newer = version not in {step.revision for step in steps()}
        found = Storage(_product(connection), version, why, newer=newer)
        found = replace(found, guards=len(wanted & there), guards_wanted=len(wanted))
        return found if db.sqlite else _postgresql(connection, found)


_GUARDS_THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'journal'::regclass AND tgenabled <> 'D'",
}


def _postgresql(connection: Connection, found: Storage) -> Storage:
    says = {name: str(connection.scalar(sa.text(f"SHOW {name}"))) for name in _DURABLE}
    may = [
        p
        for p in _CHANGES
        if connection.scalar(sa.text(f"SELECT bool_or(has_table_privilege(part, '{p}')) FROM ({_PARTS}) AS p"))
    ]
    owns = f"SELECT bool_or(pg_has_role(relowner, 'USAGE')) FROM pg_class JOIN ({_PARTS}) AS p ON pg_class.oid = part"
    soft = tuple(f"{name} is {word}" for name, word in says.items() if word not in _DURABLE[name])
    return replace(found, soft=soft, may=tuple(may), owns=bool(connection.scalar(sa.text(owns))))


def _product(connection: Connection) -> str:
    version = connection.dialect.server_version_info or ()
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.dialect.name] + " " + ".".join(map(str, version))


def clock(db: Database) -> datetime | None:
    """The database's own; None where it is this machine's."""
    if db.sqlite:
        return None
    with db.engine.connect() as connection:
        said: datetime = connection.scalar(sa.text("SELECT clock_timestamp()"))
        return said.astimezone(UTC)


def heard(session: Session) -> dict[str, datetime]:
    """When each process last wrote that it lives."""
    return {b.name: b.at for b in session.scalars(sa.select(ServiceBeat))}


def work(session: Session, now: datetime) -> Work:
    """Counts over all sites."""
    sites = service.sites(session)
    overdue: dict[str, int] = {}
    for site in sites:
        for f in auditor.findings(session, site, now):
            if f.problem is not auditor.Problem.DEAD:
                overdue[f.problem] = overdue.get(f.problem, 0) + f.count
    lately = Notice.created_at > now - DAY
    return Work(
        administrators=_administrators(session),
        sites=sites,
        overdue=overdue,
        undelivered=_count(session, Notice, Notice.state == NoticeState.DEAD, lately),
        unreachable=_count(session, Notice, Notice.state == NoticeState.NO_ADDRESS, lately),
        retried=_count(session, Notice, Notice.state == NoticeState.WAITING, Notice.attempts > 0),
        quarantined=_count(session, Quarantined, Quarantined.settled_at.is_(None)),
        waiting=tally.read(session).get(tally.WAITING, 0),
    )


def _administrators(session: Session) -> int:
    query = sa.select(sa.func.count(PersonGrant.person.distinct())).join(PersonRow, PersonRow.id == PersonGrant.person)
    return session.scalar(query.where(PersonGrant.role == Role.ADMIN, PersonRow.active)) or 0


def _count(session: Session, table: type, *where: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def stations(session: Session, sites: Sequence[str], now: datetime) -> Stations:
    """Of the chains that count; a station that left its chain is nobody's concern."""
    every = [s for site in sites for s in credentials.every(session, site) if s.station is not None]
    enrolled = [s.id for s in every if s.enrolled_at and not s.revoked_at]
    said = {p.station: p for p in session.scalars(sa.select(StationPresence)) if p.station in enrolled}
    lately = {s for s, p in said.items() if p.heard_at is not None and now - p.heard_at <= presence.SILENT_AFTER}
    return Stations(
        [s.id for s in every],
        enrolled,
        [s for s in said if s not in lately],
        [s for s in enrolled if s not in said],
        {s: p.outbox for s, p in said.items()},
    )


def ends(session: Session, sites: Sequence[str]) -> dict[str, Head | Break]:
    """The end of each site's journal after its last rows were followed, and held against what left the machine."""
    return {site: _witnessed(session, site) or _followed(session, site) for site in sites}


def _followed(session: Session, site: str) -> Head | Break:
    said = service.head(session, site)
    rows = [tuple(r) for r in session.execute(stored.FOLLOWING, {"site": site, "seq": max(0, said.seq - LAST)})]
    start = EMPTY if said.seq <= LAST or not rows else Head(rows[0][1] - 1, rows[0][-2])
    end = walk(rows, start)
    if isinstance(end, Head) and end != said:
        return Break(end.seq + 1, f"the journal ends at {end.seq}, but the site's row says {said.seq}")
    return end


def _witnessed(session: Session, site: str) -> Break | None:
    """The first row that is not, or no longer, what left the machine."""
    given = witness.given_out(session, site)[-LAST:]
    query = sa.select(JournalRow.seq, JournalRow.hash).where(
        JournalRow.site == site, JournalRow.seq.in_([head.seq for head in given])
    )
    there = {r.seq: r.hash for r in session.execute(query)}
    other = next((head for head in given if there.get(head.seq) != head.hash), None)
    return Break(other.seq, "it is not the row whose hash left this machine") if other else None


def rows(session: Session) -> int:
    """How many rows all journals have."""
    return session.scalar(sa.select(sa.func.sum(Site.seq))) or 0


def given_out(session: Session) -> datetime | None:
    """When a head of a journal last was to leave the machine."""
    return session.scalar(sa.select(sa.func.max(Witness.at)))
