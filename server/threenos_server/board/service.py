"""The board from its tables: the snapshot at one sequence number, and a line's state for everything that watches it."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.board import fold
from threenos_server.board.model import Board, Card
from threenos_server.board.tables import BoardCard, BoardCount, LineRow, StationSilence
from threenos_server.board.today import NAMES, Tally, quarters_of_day
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.chain.tables import ChainVersion
from threenos_server.errors import NotFound
from threenos_server.journal.service import head
from threenos_wire.instants import format_instant
from threenos_wire.messages import LineState, LineStatus

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_NO_STOP = ("overridden", "released")


def snapshot(session: Session, site: str, now: datetime, line: str | None = None) -> Board:
    """The whole board, or one line of it, at the seq that it says: `session` must see one moment (`Database.read`).

    Raises NotFound for an unknown site or line, or a site without a chain.
    """
    chain = current(session, site)
    if line is not None and line not in chain.lines:
        raise NotFound(f"there is no line {line!r}")
    return {
        "v": 1,
        "site": site,
        "seq": head(session, site).seq,
        "at": format_instant(now),
        "chain": chain.version,
        "lines": _lines(session, site, chain, line),
        "processes": [{"id": p.id, "name": p.name.as_dict(), "kind": p.kind.value} for p in chain.processes.values()],
        "links": [{"supplier": x.supplier, "customer": x.customer, "relation": x.relation.value} for x in chain.links],
        "stations": _stations(session, site, chain, line),
        "defects": [
            {"code": d.code, "name": d.name.as_dict(), "severity": d.severity.value, "pictogram": d.pictogram}
            for d in chain.defects.values()
        ],
        "complaints": open_cards(session, site, line),
        "today": today(session, site, chain, now, line),
    }


def open_cards(session: Session, site: str, line: str | None = None) -> list[Card]:
    """The cards of the complaints that are not over, in order of id."""
    query = sa.select(BoardCard.card).where(BoardCard.site == site, BoardCard.open == sa.true())
    if line is not None:
        query = query.where(BoardCard.line == line)
    return sorted((_decode(card) for card in session.scalars(query)), key=lambda card: str(card["id"]))


def card(session: Session, site: str, complaint: str) -> Card | None:
    """The card of one complaint, also of one that is over; None when it was never opened."""
    return fold.cards(session, site, (complaint,)).get(complaint)


def today(session: Session, site: str, chain: Chain, now: datetime, line: str | None = None) -> Tally:
    """The counters of the local day of `now`."""
    start, end = quarters_of_day(now, chain.tz)
    sums = (sa.func.coalesce(sa.func.sum(BoardCount.__table__.c[name]), 0) for name in NAMES)
    query = sa.select(*sums).where(BoardCount.site == site, BoardCount.quarter >= start, BoardCount.quarter < end)
    if line is not None:
        query = query.where(BoardCount.line == line)
    return dict(zip(NAMES, map(int, session.execute(query).one()), strict=True))


def line_status(session: Session, site: str, line: str) -> LineStatus:
    """The line's state, and of its complaints the one that counts: the oldest that stops it, else the oldest open.

    `level` is the highest escalation level fired on the line, None when none was. Drills are no complaints here.
    Raises NotFound for an unknown site or line, or a site without a chain.
    """
    chain = current(session, site)
    if line not in chain.lines:
        raise NotFound(f"there is no line {line!r}")
    state = _states(session, site, chain)[line]
    cards = [c for c in open_cards(session, site, line) if not c["drill"]]
    first = min(cards, key=lambda c: (not _stops(c), c["occurred_at"], c["id"]), default=None)
    level = max((c["level"] for c in cards), default=-1)
    return LineStatus(
        state=LineState(state["state"]),
        since=state["since"],
        seq=head(session, site).seq,
        complaint=first["id"] if first else None,
        supplier=first["supplier"] if first else None,
        level=level if level >= 0 else None,
    )


def line_now(session: Session, site: str, chain: Chain, line: str) -> dict[str, Any]:
    """A line of the chain as it stands: state, since, stop_at, drill, first_piece; instants are texts."""
    return _states(session, site, chain)[line]


def _stops(card: Card) -> bool:
    return card["stop"] is not None and card["stop"]["state"] not in _NO_STOP


def _lines(session: Session, site: str, chain: Chain, line: str | None) -> list[dict[str, Any]]:
    states = _states(session, site, chain)
    return [
        {"id": x.id, "name": x.name.as_dict(), **states[x.id], "processes": [p.id for p in chain.steps_of(x.id)]}
        for x in chain.lines.values()
        if line in (None, x.id)
    ]


def _states(session: Session, site: str, chain: Chain) -> dict[str, dict[str, Any]]:
    """Each line's state; one of which nothing was ever said has been running since the site had a chain."""
    names = ("state", "since", "stop_at", "drill", "first_piece")
    known = {r.line: {n: getattr(r, n) for n in names} for r in session.scalars(_rows(LineRow, site))}
    began = session.scalar(sa.select(sa.func.min(ChainVersion.at)).where(ChainVersion.site == site))
    assert began is not None  # there is a current chain
    running = fold.RUNNING | {"since": format_instant(began)}
    states = {n: running | known.get(n, {}) for n in chain.lines}
    return {n: state | {"since": state["since"] or running["since"]} for n, state in states.items()}


def _stations(session: Session, site: str, chain: Chain, line: str | None) -> list[dict[str, Any]]:
    silent = {r.station: r.silent_since for r in session.scalars(_rows(StationSilence, site))}
    return [
        {
            "id": s.id,
            "line": s.line,
            "process": s.process,
            "name": s.name.as_dict(),
            "silent_since": silent.get(s.id),
        }
        for s in chain.stations.values()
        if line in (None, s.line)
    ]


def _rows(table: Any, site: str) -> Any:
    return sa.select(table).where(table.site == site)
