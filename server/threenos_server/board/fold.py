"""The fold from journal rows to the board's tables: the patches of a batch collapsed, then one bulk write a table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.board.model import GONE, Card, patched, whole
from threenos_server.board.tables import BoardCard, BoardCount, LineRow, StationSilence
from threenos_server.board.today import NAMES, Count, of_catches, of_complaint, quarter
from threenos_server.db import Base
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_CHUNK = 500
RUNNING = {"state": "running", "since": None, "stop_at": None, "drill": False, "first_piece": None}


@dataclass(slots=True)
class _Batch:
    """What a batch of rows of one site comes to."""

    cards: dict[str, Card]
    changed: set[str] = field(default_factory=set)
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    silent: dict[str, str | None] = field(default_factory=dict)
    counts: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        then = row.body.get("then", {})
        for complaint, patch in then.get("complaints", {}).items():
            before = self.cards.get(complaint)
            after = self.cards[complaint] = patched(before, complaint, patch)
            self.changed.add(complaint)
            self._count(after["line"], of_complaint(before, after))
        for line, patch in then.get("lines", {}).items():
            self.lines[line] = self.lines.get(line, {}) | patch
        for station, patch in then.get("stations", {}).items():
            self.silent[station] = patch["silent_since"]
        for catch in then.get("catches", ()):
            self._count(catch["line"], of_catches((catch,), row.occurred_at))

    def _count(self, line: str, counts: Iterable[Count]) -> None:
        for name, at, by in counts:
            tally = self.counts.setdefault((quarter(at), line), dict.fromkeys(NAMES, 0))
            tally[name] += by


def cards(session: Session, site: str, complaints: Collection[str]) -> dict[str, Card]:
    """The cards of these complaints, as far as there are any, open or not."""
    found: dict[str, Card] = {}
    ids = list(complaints)
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(BoardCard.complaint, BoardCard.card).where(
            BoardCard.site == site, BoardCard.complaint.in_(ids[start : start + _CHUNK])
        )
        found |= {r.complaint: _decode(r.card) for r in session.execute(query)}
    return found


def _apply(session: Session, rows: Sequence[Row]) -> None:
    site = rows[0].site
    batch = _Batch(cards(session, site, _not_opened_here(rows)))
    for row in rows:
        batch.take(row)
    _write(session, _CARDS, ({"site": site} | _card_row(c, batch.cards[c]) for c in sorted(batch.changed)))
    _write(session, _LINES, _line_rows(session, site, batch.lines))
    _write(session, _SILENT, ({"site": site, "station": s, "silent_since": at} for s, at in batch.silent.items()))
    _write(session, _COUNTS, ({"site": site, "quarter": q, "line": n} | t for (q, n), t in batch.counts.items()))


def _not_opened_here(rows: Sequence[Row]) -> set[str]:
    """The complaints that the rows patch without having opened them, so that their cards must be there."""
    opened: set[str] = set()
    others: set[str] = set()
    for row in rows:
        for complaint, patch in row.body.get("then", {}).get("complaints", {}).items():
            if whole(patch):
                opened.add(complaint)
            elif complaint not in opened:
                others.add(complaint)
    return others


def _card_row(complaint: str, card: Card) -> dict[str, Any]:
    return {
        "complaint": complaint,
        "line": card["line"],
        "station": card["station"],
        "open": card["state"] not in GONE,
        "card": _encode(card).decode(),
    }


def _line_rows(session: Session, site: str, patches: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    if not patches:
        return []
    query = sa.select(_table(LineRow)).where(LineRow.site == site, LineRow.line.in_(list(patches)))
    known = {r["line"]: dict(r) for r in session.execute(query).mappings()}
    return [{"site": site, "line": n, **RUNNING} | known.get(n, {}) | patch for n, patch in patches.items()]


def _write(session: Session, statement: sa.TextClause, rows: Iterable[dict[str, Any]]) -> None:
    if written := list(rows):
        session.execute(statement, written)


def _table(of: type[Base]) -> sa.Table:
    return Base.metadata.tables[of.__tablename__]


def _upsert(table: sa.Table, rule: str = "{0} = excluded.{0}") -> sa.TextClause:
    """INSERT, or `rule` for each column that is no key where the key is there: written alike in both databases."""
    names = [c.name for c in table.c]
    keys = [c.name for c in table.primary_key]
    rest = ", ".join(rule.format(n, table.name) for n in names if n not in keys)
    values = ", ".join(f":{n}" for n in names)
    text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}) ON CONFLICT ({', '.join(keys)})"
    return sa.text(f"{text} DO UPDATE SET {rest}")


_TABLES = tuple(_table(of) for of in (BoardCard, LineRow, StationSilence, BoardCount))
_CARDS, _LINES, _SILENT = (_upsert(table) for table in _TABLES[:3])
_COUNTS = _upsert(_table(BoardCount), "{0} = {1}.{0} + excluded.{0}")

FOLD = Fold("board", _apply, _TABLES)
