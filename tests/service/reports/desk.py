"""The quality engineer's desk: asks reports about the example factory, and reads their documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from homes import Template
from service.complaints.works import ALL, SITE, Works

from threenos_server.complaints import drills
from threenos_server.reports.document import Document
from threenos_server.reports.filters import Asked, Listed
from threenos_server.reports.service import behind, report


@dataclass
class Desk:
    """Reports about `works`, asked now."""

    works: Works

    def ask(self, name: str, **asked: Any) -> Document:
        """One report; `asked` as in the query, lists as lists."""
        with self.works.db.read() as session:
            found = report(session, SITE, name, msgspec.convert(asked, Asked, strict=False), self.works.now)
        msgspec.json.encode(found)  # it can be written
        return found

    def behind(self, **asked: Any) -> list[str]:
        """The ids of the complaints behind a figure."""
        with self.works.db.read() as session:
            page = behind(session, SITE, msgspec.convert(asked, Listed, strict=False), self.works.now)
        return [str(item["id"]) for item in page.items]

    def count(self, process: str, since: datetime, until: datetime, units: float) -> None:
        """What an MES says."""
        with self.works.db.write() as session:
            drills.record_count(session, SITE, drills.Counted(
                process=process, since=since, until=until, units=units
            ), ALL, self.works.now)  # fmt: skip


def rows(document: Document, table: str = "main") -> dict[str, dict[str, Any]]:
    """The rows of a table by what their first column names, each by column."""
    found = next(t for t in document.tables if t.id == table)
    names = [c.id for c in found.columns]
    return {
        str(getattr(row.cells[0], "id", row.cells[0])): dict(zip(names, row.cells, strict=True)) for row in found.rows
    }


def totals(document: Document, table: str = "main") -> dict[str, Any]:
    """The totals of a table, by column."""
    found = next(t for t in document.tables if t.id == table)
    assert found.totals is not None
    return dict(zip([c.id for c in found.columns], found.totals, strict=True))


def codes(document: Document) -> set[str]:
    """The notes that a document carries."""
    return {note.code for note in document.notes}


@contextmanager
def opened(made: Template) -> Iterator[Desk]:
    """A desk over a copy of a database."""
    with made.copied() as db:
        yield Desk(Works(db))
