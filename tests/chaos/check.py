"""The verdict: what must hold of the data, whatever was killed. Reads the database; believes nothing else."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from chaos import lives
from chaos.factory import SITE
from chaos.homes import Home
from chaos.people import Told
from chaos.pressing import Ledger
from chaos.violation import Violation
from chaos.watching import Watcher

from threenos_server.board.model import GONE
from threenos_server.complaints.tables import WaitingEvent
from threenos_server.escalation.tables import DeadlineRow
from threenos_server.folds import FOLDS
from threenos_server.intake.tables import Quarantined
from threenos_server.journal import service as journal
from threenos_server.journal.model import Break, Row
from threenos_server.journal.rebuild import compare
from threenos_server.journal.verify import verify
from threenos_server.notify.tables import Notice

#: Nothing is at rest while something is to be fired within this, which is longer than every limit but the answer's.
AHEAD = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Seen:
    """What there was to be judged: rows of events, complaints, escalations that were fired."""

    events: int
    complaints: int
    escalations: int


def check(home: Home, data: Path, ledger: Ledger, told: Told, wall: Watcher | None) -> tuple[Seen, list[Violation]]:
    """What was there, and every violation; the processes have ended or are idle, the database answers."""
    with home.opened() as db, db.write() as session:
        rows = list(journal.every(session, SITE))
        found = [
            *_events(rows, ledger),
            *_commands(rows, ledger),
            *_whole(session),
            *_waiting(rows),
            *lives.escalations(rows),
            *lives.graces(rows),
            *lives.notices(session, data, rows, told),
            *(_board(rows, wall) if wall is not None else ()),
            *(Violation("quarantine", f"{q.reason}: {q.detail}") for q in session.scalars(sa.select(Quarantined))),
        ]
    return _seen(rows), found


def left(home: Home, now: datetime | None, wall: Watcher | None) -> dict[str, int]:
    """What is still to be done: deadlines that come soon, notices to be sent, events that wait. Empty: all is done.

    Without a clock (`now` is None) nobody does any of that. The board has to show what there is in any case.
    """
    try:
        with home.opened() as db, db.read() as session:
            counts = {} if now is None else {name: _count(session, query) for name, query in _to_do(now).items()}
            if wall is not None and not any(counts.values()):
                counts["faults of the board"] = sum(1 for _ in _board(list(journal.every(session, SITE)), wall))
    except sa.exc.OperationalError:
        return {"databases that do not answer": 1}
    return {name: count for name, count in counts.items() if count}


def _to_do(now: datetime) -> dict[str, sa.Select[Any]]:
    return {
        "deadlines": sa.select(DeadlineRow).where(DeadlineRow.state == "open", DeadlineRow.due_at <= now + AHEAD),
        "notices": sa.select(Notice).where(Notice.state.in_(("waiting", "sending"))),
        "waiting events": sa.select(WaitingEvent),
    }


def _count(session: Any, query: sa.Select[Any]) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(query.subquery())))


def rows_of_events(home: Home, before: int) -> int:
    """How many events the journal has; `before` while the database is away."""
    count = sa.text("SELECT count(*) FROM journal WHERE event_id IS NOT NULL")
    try:
        with home.opened() as db, db.read() as session:
            return int(session.scalar(count) or 0)
    except sa.exc.OperationalError:
        return before


def _seen(rows: list[Row]) -> Seen:
    opened = {named for row in rows for named in row.body.get("then", {}).get("complaints", {})}
    kinds = Counter(row.kind for row in rows)
    return Seen(sum(row.event_id is not None for row in rows), len(opened), kinds["escalated"] + kinds["late"])


def _events(rows: list[Row], ledger: Ledger) -> Iterator[Violation]:
    """Each event that was saved or called recorded is one row, once; and none is there that nobody tried to press."""
    rows_of = Counter(r.event_id for r in rows if r.event_id is not None)
    for named in sorted(ledger.recorded - rows_of.keys()):
        yield Violation("missing", f"{named} was called recorded and is not in the journal")
    for named in sorted(ledger.saved - ledger.recorded - rows_of.keys()):
        yield Violation("lost", f"{named} was saved and is not in the journal")
    for pressed, count in rows_of.items():
        if count > 1:
            yield Violation("twice", f"{pressed} is in the journal {count} times")
        if pressed not in ledger.tried:
            yield Violation("stranger", f"{pressed} is in the journal, but nobody pressed it")


def _commands(rows: list[Row], ledger: Ledger) -> Iterator[Violation]:
    texts = Counter(r.body["command"]["text"] for r in rows if r.kind == "comment")
    for text, answered in ledger.commands.items():
        if texts[text] > 1 or (answered and texts[text] != 1):
            yield Violation("command", f"{text!r} is in the journal {texts[text]} times; answered: {answered}")


def _whole(session: Any) -> Iterator[Violation]:
    found = verify(session, SITE)
    if isinstance(found, Break):
        yield Violation("chain", found.detail)
    try:
        yield from (Violation("rebuild", str(d)) for d in compare(session, SITE, FOLDS))
    except sa.exc.IntegrityError as e:
        yield Violation("rebuild", f"the journal cannot be folded again: {e.orig}")
        session.rollback()


def _waiting(rows: list[Row]) -> Iterator[Violation]:
    """Whoever waited for something else has had an effect or an answer in the end."""
    waiting: dict[str, Any] = {}
    for row in rows:
        waiting |= row.body.get("then", {}).get("waiting", {})
    for named, still in waiting.items():
        if still is not None:
            yield Violation("waiting", f"{named} was recorded, waited and never took effect")


def _board(rows: list[Row], wall: Watcher) -> Iterator[Violation]:
    """The board showed nothing that was not committed by then, and misses nothing now: by the rows alone."""
    since: dict[tuple[str, int], int] = {}
    cards: dict[str, dict[str, Any]] = {}
    lines: dict[str, str] = {}
    for row in rows:
        then = row.body.get("then", {})
        for named, patch in then.get("complaints", {}).items():
            cards[named] = cards.get(named, {}) | patch
            since.setdefault((named, cards[named]["version"]), row.seq)
        lines |= {line: patch["state"] for line, patch in then.get("lines", {}).items() if "state" in patch}
    for seq, named, version in sorted(wall.shown):
        if since.get((named, version), seq + 1) > seq:
            yield Violation("board", f"{named} was shown in version {version} at row {seq}, which did not have it")
    live = {named: card["version"] for named, card in cards.items() if card["state"] not in GONE}
    drawn, states = wall.cards(), wall.lines()
    for named in sorted(live.keys() | drawn.keys()):
        if live.get(named) != drawn.get(named):
            yield Violation("board", f"{named} is drawn as {drawn.get(named)} and stands at {live.get(named)}")
    for line, state in lines.items():
        if states.get(line) != state:
            yield Violation("board", f"line {line} is drawn as {states.get(line)} and is {state}")
