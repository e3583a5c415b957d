"""Review packs: one line and week for the quality feedback meeting, made once and never changed.

What was on the wall stays what it was: a pack keeps its files byte for byte, with the journal's row up to which they
are true, and its making is in the journal with the hash of each file. Later rulings change reports, not packs.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.access import Actor, Role
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.db import Database
from threenos_server.errors import Fault, Forbidden, Invalid, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry, Head
from threenos_server.reports.document import Document, Table, Text
from threenos_server.reports.filters import Asked
from threenos_server.reports.packs_actions import open_actions
from threenos_server.reports.service import report
from threenos_server.reports.tables import Pack, PackFile
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

MAKERS = frozenset({Role.QUALITY_ENGINEER, Role.SUPERVISOR, Role.DIRECTOR})
READERS = MAKERS | {Role.AUDITOR}
KIND = "pack-made"
_WEEK = re.compile(r"^(\d{4})-W(\d\d)$")
_LONG = 13


@dataclass(frozen=True, slots=True)
class Section:
    """A report of a pack: over how many weeks, the last of which is the pack's, and how it is asked."""

    report: str
    weeks: int = 1
    asked: dict[str, Any] = field(default_factory=dict)
    compare: bool = False


#: What a quality feedback meeting goes through, in its order. What a week is too short for looks back a quarter.
SECTIONS = (
    Section("matrix"),
    Section("pareto", asked={"by": "defect"}, compare=True),
    Section("three-nos"),
    Section("trend", _LONG, {"step": "day"}),
    Section("clocks"),
    Section("stops"),
    Section("recurrence", _LONG),
    Section("satisfaction", _LONG),
    Section("cost"),
)


class Contents(msgspec.Struct, frozen=True):
    """What a pack shows, as it was when `head` was the journal's last row."""

    site: Text
    line: Text
    week: str
    made_at: str
    timezone: str
    head: Head
    documents: list[Document]
    actions: Table


class Filed(msgspec.Struct, frozen=True):
    """A file of a pack; its SHA-256 stands in the journal too."""

    format: str
    language: str
    sha256: str
    size: int


class Made(msgspec.Struct, frozen=True):
    """A pack: `seq` and `hash` are the last row of the journal that its figures know."""

    id: str
    line: str
    week: str
    at: datetime
    seq: int
    hash: str
    filter: dict[str, dict[str, Any]]
    files: list[Filed]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file before it is kept."""

    format: str
    language: str
    data: bytes

    @property
    def filed(self) -> Filed:
        return Filed(self.format, self.language, hashlib.sha256(self.data).hexdigest(), len(self.data))


def contents(session: Session, site: str, line: str, week: str, actor: Actor, now: datetime) -> Contents:
    """What a pack of that line and ISO week would show now. Raises NotFound, Forbidden, Invalid."""
    chain = current(session, site)
    if line not in chain.lines:
        raise NotFound(f"there is no line {line!r}")
    if not actor.may(MAKERS, site=site, line=line):
        raise Forbidden(f"none of your roles makes a pack of line {line!r}")
    _begun(week, chain, now)
    name = chain.lines[line].name
    documents = [report(session, site, s.report, asked(s, line, week), now) for s in SECTIONS]
    return Contents(
        Text(chain.site.name.en, chain.site.name.zh), Text(name.en, name.zh), week, format_instant(now),
        chain.site.timezone, journal.head(session, site), documents,
        open_actions(session, site, line, chain, now.astimezone(chain.tz).date()),
    )  # fmt: skip


def asked(section: Section, line: str, week: str) -> Asked:
    """How a section asks its report."""
    monday = monday_of(week)
    since, until = monday - timedelta(weeks=section.weeks - 1), monday + timedelta(weeks=1)
    query = {"from": str(since), "to": str(until), "line": [line]} | section.asked
    if section.compare:
        query |= {"compare_from": str(since - timedelta(weeks=section.weeks)), "compare_to": str(since)}
    return msgspec.convert(query, Asked)


def monday_of(week: str) -> date:
    """The first day of an ISO week written as 2026-W47. Raises Invalid."""
    found = _WEEK.match(week)
    try:
        if found is None:
            raise ValueError(week)
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as e:
        raise Invalid(f"{week!r} is no week", Fault("/week", "write an ISO week as 2026-W47")) from e


def keep(
    db: Database, site: str, what: Contents, line: str, files: Sequence[Rendered], by: Actor, now: datetime
) -> Made:
    """Keep the files of a pack for ever, and write down that it was made."""
    asks = {s.report: msgspec.to_builtins(asked(s, line, what.week)) for s in SECTIONS}
    made = Made(new_id(), line, what.week, now, what.head.seq, what.head.hash, asks, [f.filed for f in files])
    said = {"name": "pack", "pack": made.id, "week": made.week, "seq": made.seq, "hash": made.hash,
            "files": msgspec.to_builtins(made.files)}  # fmt: skip
    with db.write() as session:
        entry = Entry(KIND, {"command": said, "then": {}}, now, line=line, actor=by.pseudonym)
        journal.append(session, site, [entry], now)
        session.add(
            Pack(
                site=site, id=made.id, line=line, week=made.week, at=now, seq=made.seq, hash=made.hash,
                filter=msgspec.json.encode(asks).decode(),
            )
        )  # fmt: skip
        for file in files:
            session.add(PackFile(site=site, pack=made.id, data=file.data, **msgspec.structs.asdict(file.filed)))
    return made


def every(
    session: Session, site: str, line: str | None, week: str | None, before: str | None, limit: int
) -> list[Made]:
    """Packs, newest first; `before` is the id of the last one that was seen."""
    query = sa.select(Pack).where(Pack.site == site).order_by(Pack.id.desc()).limit(limit)
    for column, value in ((Pack.line, line), (Pack.week, week)):
        query = query if value is None else query.where(column == value)
    rows = list(session.scalars(query if before is None else query.where(Pack.id < before)))
    files = _files(session, site, [row.id for row in rows])
    return [_made(row, files.get(row.id, [])) for row in rows]


def one(session: Session, site: str, pack: str) -> Made:
    """A pack. Raises NotFound."""
    row = session.get(Pack, (site, pack))
    if row is None:
        raise NotFound(f"there is no pack {pack!r}")
    return _made(row, _files(session, site, [pack]).get(pack, []))


def file_of(session: Session, site: str, pack: str, form: str, language: str) -> tuple[Filed, bytes]:
    """A file of a pack, as it was made. Raises NotFound."""
    row = session.get(PackFile, (site, pack, form, language))
    if row is None:
        raise NotFound(f"pack {pack!r} was not made as {form} in {language}")
    return Filed(row.format, row.language, row.sha256, row.size), row.data


def _begun(week: str, chain: Chain, now: datetime) -> None:
    if monday_of(week) > now.astimezone(chain.tz).date():
        raise Invalid(f"week {week} has not begun", Fault("/week", "there is nothing to review yet"))


def _files(session: Session, site: str, packs: Sequence[str]) -> dict[str, list[Filed]]:
    found: dict[str, list[Filed]] = {}
    columns = (PackFile.pack, PackFile.format, PackFile.language, PackFile.sha256, PackFile.size)
    query = sa.select(*columns).where(PackFile.site == site, PackFile.pack.in_(packs))
    for row in session.execute(query.order_by(PackFile.format, PackFile.language)):
        found.setdefault(row.pack, []).append(Filed(row.format, row.language, row.sha256, row.size))
    return found


def _made(row: Pack, files: list[Filed]) -> Made:
    return Made(row.id, row.line, row.week, row.at, row.seq, row.hash, msgspec.json.decode(row.filter), files)
