"""The same things at two lines of one site, and at a second site, for the matrix of rights to ask about."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from browser import KEYS, MONDAY, hire
from service.complaints.works import ALL, Works

from threenos_server.access import Grant, Role, arrival_code
from threenos_server.chain import example
from threenos_server.chain.service import import_chain
from threenos_server.db import Database
from threenos_server.http.tables import PhotoRow
from threenos_server.intake.tables import Quarantined
from threenos_server.journal import service as journal
from threenos_server.people import badges, rosters, stations, tokens
from threenos_server.people.model import Duty
from threenos_server.reports import actions_service, packs
from threenos_server.reports.actions import ActionPatch, ActionState, ActionType, NewAction
from threenos_server.reports.eight_d import NewEightD

SITE, AWAY = "lakeside", "elsewhere"
SECOND = """
site: {id: elsewhere, name: The second plant, timezone: UTC, currency: CNY}
lines: [{id: housing, name: Housing line, owner: casting}]
processes: [{id: casting, name: Casting, line: housing, owner: process-owner}]
stations: [{id: second-1, name: Casting 1, process: casting}]
links: [{supplier: casting, customer: final-customer}]
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a site, and what there is: by name, a complaint in each state, people, things."""

    site: str
    things: dict[str, Any]


def furnish(db: Database) -> tuple[Place, Place, Place]:
    """The own line, another line of that site, and another site, where the things of the own line are asked for."""
    with db.write() as session:
        import_chain(session, example.text(), None, MONDAY)
        import_chain(session, SECOND, None, MONDAY)
    works = Works(db)
    own = _line(works, "housing", "mill-1", "machining", ("burr", "short-fill", "warped", "cold-shut", "dent"))
    other = _line(
        works, "motor", "wind-1", "winding", ("lamination-burr", "stack-height", "bar-void", "unbalance", "insulation")
    )
    return Place(SITE, own), Place(SITE, other), Place(AWAY, own | {"site": AWAY})


def _line(works: Works, line: str, station: str, process: str, defects: tuple[str, ...]) -> dict[str, Any]:
    things: dict[str, Any] = {
        "site": SITE, "line": line, "station": station, "process": process, "name": "pareto", "rest": "here",
    }  # fmt: skip
    things |= _complaints(works, station, defects)
    things |= _people(works.db, line)
    things |= _papers(works, things)
    return things


def _complaints(works: Works, station: str, defects: tuple[str, ...]) -> dict[str, Any]:
    """One complaint in each state that a command begins from."""
    named = {"opened": works.press(station, defect=defects[0]), "arrived": works.press(station, defect=defects[1])}
    works.give(named["arrived"], "arrive", code=arrival_code(KEYS.arrival, named["arrived"]))
    for state, defect in zip(("contained", "answered", "closed"), defects[2:], strict=True):
        named[state] = works.contained(station, defect=defect)
    for state in ("answered", "closed"):
        works.give(named[state], "answer")
    works.give(named["closed"], "accept", rating=5)
    named["stopped"] = works.contained(station, "stop", supplier="maintenance")
    versions = {f"{state} version": works[complaint].version for state, complaint in named.items()}
    return named | versions | {"code": arrival_code(KEYS.arrival, named["opened"])}


def _people(db: Database, line: str) -> dict[str, Any]:
    """A worker of the line with a badge, a PIN and a duty, and a screen."""
    person = hire(db, f"Worker of {line}", Grant(Role.WORKER, SITE, line), password=None).id
    with db.write() as session:
        pseudonym = badges.give_badge(session, KEYS.pseudonym, SITE, person, f"B-{line}", MONDAY)
        badges.give_pin(session, KEYS.pseudonym, person, MONDAY)
        duty = rosters.put(session, SITE, Duty("", person, Role.WORKER, line, from_on=date(2026, 11, 23)))
        screen, _ = tokens.make(session, SITE, line, "wall", MONDAY)
    return {"person": person, "pseudonym": pseudonym, "duty": duty.id, "token": screen.id}


def _papers(works: Works, things: dict[str, Any]) -> dict[str, Any]:
    """A row that somebody signed, a photo, something in quarantine, an action, an 8D and a review pack."""
    line, db = things["line"], works.db
    sha256 = hashlib.sha256(line.encode()).hexdigest()
    new = NewAction(
        type=ActionType.CORRECTIVE, what="x", owner="Bo", due_on=date(2026, 12, 1), complaint=things["opened"]
    )  # fmt: skip
    with db.write() as session:
        stations.enroll(session, SITE, things["station"], MONDAY)
        seq = next(r.seq for r in journal.after(session, SITE, 0) if r.actor and r.line == line)
        session.add(PhotoRow(
            site=SITE, sha256=sha256, stored=sha256, media_type="image/png", data=b"x", size=1, by="p", at=MONDAY
        ))  # fmt: skip
        piece = Quarantined(
            site=SITE, station=things["station"], topic="t", raw=b"{", reason="r", detail="d", at=MONDAY, digest=line
        )  # fmt: skip
        session.add(piece)
        session.flush()
        quarantined = str(piece.id)
        action = actions_service.open_action(session, SITE, new, ALL, MONDAY)
        done = actions_service.open_action(session, SITE, new, ALL, MONDAY)
        done = actions_service.change_action(
            session, SITE, done.id, ActionPatch(state=ActionState.DONE), ALL, done.version, MONDAY
        )
        eight = actions_service.open_eight_d(
            session, SITE, NewEightD(title="x", complaints=[things["opened"]]), ALL, MONDAY
        )
    with db.read() as session:
        shown = packs.contents(session, SITE, line, "2026-W47", ALL, MONDAY)
    made = packs.keep(db, SITE, shown, line, [packs.Rendered("xlsx", "en", b"x")], ALL, MONDAY)
    return {
        "seq": seq, "sha256": sha256, "quarantined": quarantined, "pack": made.id, "action": action.id,
        "action version": action.version, "action_done": done.id, "action_done version": done.version,
        "eight_d": eight.id, "eight_d version": eight.version,
    }  # fmt: skip
