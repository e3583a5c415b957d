"""Writes the golden stories of the board: `python tests/golden/make_board.py`, and look at what changed.

Each file is one story: the board it begins with, the journal rows, the deltas that they make, and the board after them.
`tests/unit/board` holds the Python fold to it, the browser's tests hold theirs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from threenos_server.board.delta import Asked, delta_of
from threenos_server.board.model import fold, public
from threenos_server.complaints.model import Complaint, document
from threenos_wire.instants import format_instant

FOLDER = Path(__file__).parent / "board"
DAWN = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)  # midnight in Shanghai
BEGIN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ONE, TWO, THREE = (f"0199a3c0-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
NAMES = {
    "supplier": {"en": "Stamping", "zh": "冲压"},
    "customer": {"en": "Welding", "zh": "焊接"},
    "station": {"en": "Welding 2", "zh": "焊接2号"},
    "line": {"en": "Body line", "zh": "车身线"},
    "defect": {"en": "Scratch", "zh": "划伤"},
}


def board() -> dict[str, Any]:
    """A small plant with two lines, at journal row 10."""
    line = {"state": "running", "since": at(-3600), "stop_at": None, "drill": False, "first_piece": None}
    return {
        "v": 1,
        "site": "plant",
        "seq": 10,
        "at": at(0),
        "chain": 3,
        "lines": [
            {"id": "body", "name": NAMES["line"], **line, "processes": ["stamping", "welding"]},
            {"id": "paint", "name": {"en": "Paint line", "zh": "涂装线"}, **line, "processes": ["painting"]},
        ],
        "processes": [
            {"id": "stamping", "name": NAMES["supplier"], "kind": "step"},
            {"id": "welding", "name": NAMES["customer"], "kind": "step"},
            {"id": "painting", "name": {"en": "Painting", "zh": "涂装"}, "kind": "step"},
            {"id": "maintenance", "name": {"en": "Maintenance", "zh": "维修"}, "kind": "function"},
        ],
        "links": [
            {"supplier": "stamping", "customer": "welding", "relation": "process"},
            {"supplier": "welding", "customer": "painting", "relation": "process"},
        ],
        "stations": [
            {"id": "welding-2", "line": "body", "process": "welding", "name": NAMES["station"], "silent_since": None},
            {
                "id": "paint-1",
                "line": "paint",
                "process": "painting",
                "name": {"en": "Paint booth", "zh": "喷房"},
                "silent_since": None,
            },
        ],
        "defects": [{"code": "scratch", "name": NAMES["defect"], "severity": "major", "pictogram": "scratch"}],
        "complaints": [],
        "today": {"rejects": 4, "stops": 1, "catches": 2, "calls": 0},
    }


def at(seconds: float) -> str:
    return format_instant(BEGIN + timedelta(seconds=seconds))


def complaint(name: str, seconds: float, kind: str = "reject", **fields: Any) -> dict[str, Any]:
    """The first patch of a complaint: all fields of its document."""
    opened = Complaint(
        id=name,
        kind=kind,
        line="body",
        station="welding-2",
        customer="welding",
        supplier="stamping",
        made_at="stamping",
        basis="defect-origin",
        stages=1,
        relation="process",
        defect="scratch",
        occurred_at=at(seconds),
        received_at=at(seconds),
        round_started_at=at(seconds),
        due={"acknowledge": at(seconds + 180), "arrive": at(seconds + 600)},
        ladder=[{"level": 0, "at": at(seconds), "role": "team-leader"}],
        names=NAMES,
        chain=3,
    )
    return json.loads(json.dumps(document(opened) | fields))


@dataclass
class Story:
    """Rows as they are told; `line` is the filter of the board, `groups` the numbers of rows that make one delta."""

    name: str
    about: str
    line: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def row(self, kind: str, seconds: float, together: bool = False, **then: Any) -> None:
        """A journal row; `together` puts it into the delta of the row before."""
        said = {"seq": 11 + len(self.rows), "at": at(seconds), "occurred_at": at(seconds), "kind": kind, "then": then}
        self.rows.append(said)
        if together:
            self.groups[-1] += 1
        else:
            self.groups.append(1)


def stories() -> Iterator[Story]:
    story = Story("reject", "A rejection is taken, contained, answered, accepted, and leaves the board.")
    story.row("reject", 1, complaints={ONE: complaint(ONE, 1, qty=3, lot="L-1", note="see photo", photos=["sha256:x"])})
    story.row(
        "acknowledge",
        40,
        complaints={
            ONE: {"state": "acknowledged", "version": 2, "acknowledged_at": at(40), "acknowledged_role": "team-leader"}
        },
    )
    story.row("comment", 50, complaints={})
    story.row(
        "contain",
        900,
        complaints={
            ONE: {
                "state": "contained",
                "version": 3,
                "arrived_at": at(300),
                "contained_at": at(900),
                "containment": {"what": "pallet 7", "where": "cage 2", "qty_sorted": 40, "qty_bad": 3},
            }
        },
    )
    story.row(
        "answer",
        4000,
        complaints={
            ONE: {
                "state": "answered",
                "version": 4,
                "answered_at": at(4000),
                "answer": {"cause_made": "worn die", "cause_missed": "no gauge"},
            }
        },
    )
    story.row("accept", 5000, complaints={ONE: {"state": "closed", "version": 5, "closed_at": at(5000), "rating": 5}})
    story.row(
        "reopen", 6000, complaints={ONE: {"state": "contained", "version": 6, "round": 2, "reopen_reason": "again"}}
    )
    yield story

    story = Story(
        "repeat", "Presses for the same add to the complaint; two rows in one delta; an older id sorts first."
    )
    story.row("reject", 1, complaints={TWO: complaint(TWO, 1, qty=1)})
    story.row("reject", 5, complaints={TWO: {"version": 2, "repeats": 1, "presses": 2, "qty": 4}})
    story.row("reject", 6, together=True, complaints={TWO: {"version": 3, "repeats": 2, "presses": 3, "qty": 5}})
    story.row("reject", 7, complaints={ONE: complaint(ONE, 7, defect=None)})
    story.row(
        "merge",
        60,
        complaints={ONE: {"version": 2, "state": "merged", "merged_into": TWO}, TWO: {"version": 4, "qty": 6}},
    )
    yield story

    story = Story("stop-with-grace", "A stop is pending, the line stops, and runs again with a first piece to confirm.")
    stop = {"state": "pending", "from": at(46), "until": None}
    story.row(
        "stop",
        1,
        complaints={ONE: complaint(ONE, 1, "stop", stop=stop)},
        lines={"body": {"state": "stop-pending", "since": at(1), "stop_at": at(46)}},
    )
    story.row(
        "line-stopped",
        46,
        complaints={ONE: {"version": 2, "stop": stop | {"state": "stopped"}}},
        lines={"body": {"state": "stopped", "since": at(46), "stop_at": None}},
    )
    story.row("contain", 300, complaints={ONE: {"version": 3, "state": "contained", "contained_at": at(300)}})
    story.row(
        "release",
        320,
        complaints={ONE: {"version": 4, "stop": {"state": "released", "from": at(46), "until": at(320)}}},
        lines={"body": {"state": "running", "since": at(320), "first_piece": ONE}},
    )
    story.row("first-piece", 400, lines={"body": {"first_piece": None}})
    yield story

    story = Story(
        "override", "A team leader overrides a stop in its grace; the press is then withdrawn and not counted."
    )
    story.row(
        "stop",
        1,
        complaints={ONE: complaint(ONE, 1, "stop", stop=stop)},
        lines={"body": {"state": "stop-pending", "since": at(1), "stop_at": at(46)}},
    )
    story.row(
        "override",
        20,
        complaints={ONE: {"version": 2, "stop": {"state": "overridden", "from": at(46), "until": at(20)}}},
        lines={"body": {"state": "running", "since": at(20), "stop_at": None}},
    )
    story.row(
        "withdraw",
        30,
        complaints={ONE: {"version": 3, "state": "withdrawn", "withdraw_reason": "wrong button", "presses": 0}},
    )
    yield story

    story = Story("escalation", "Levels fire one after the other, a limit is missed, and a late-response is opened.")
    story.row("reject", 1, complaints={ONE: complaint(ONE, 1)})
    story.row("escalated", 601, complaints={ONE: {"version": 2, "level": 1}})
    story.row("late", 602, complaints={ONE: {"version": 3, "late": ["acknowledge"]}})
    about = {"complaint": ONE, "clock": "acknowledge", "round": 1}
    story.row(
        "late-response",
        602,
        together=True,
        complaints={TWO: complaint(TWO, 602, "late-response", about=about, defect=None)},
    )
    story.row("escalated", 3601, complaints={ONE: {"version": 4, "level": 2}})
    yield story

    story = Story("arrival", "A call is taken, the responder arrives, and it is closed; calls and catches are counted.")
    story.row("call", 1, complaints={ONE: complaint(ONE, 1, "call", supplier="maintenance", made_at=None, defect=None)})
    story.row("acknowledge", 20, complaints={ONE: {"version": 2, "state": "acknowledged", "acknowledged_at": at(20)}})
    story.row("arrive", 90, complaints={ONE: {"version": 3, "state": "arrived", "arrived_at": at(90)}})
    catch = {
        "process": "welding",
        "station": "welding-2",
        "line": "body",
        "defect": "scratch",
        "severity": "minor",
        "qty": 1,
        "part": None,
    }
    story.row("catch", 95, catches=[catch])
    story.row("accept", 200, complaints={ONE: {"version": 4, "state": "closed", "closed_at": at(200)}})
    yield story

    story = Story("drill", "A drill shows on the board and is not counted; neither is what happened yesterday.")
    story.row("drill-armed", 1, lines={"body": {"drill": True}})
    story.row("reject", 5, complaints={ONE: complaint(ONE, 5, drill=True)})
    story.row(
        "drill-ended", 60, lines={"body": {"drill": False}}, complaints={ONE: {"version": 2, "state": "withdrawn"}}
    )
    story.row("reject", 70, complaints={TWO: complaint(TWO, -40000, replay=True)})
    yield story

    story = Story("station-silent", "A station falls silent and is heard again; one that nobody knows is left out.")
    story.row("station-silent", 1, stations={"paint-1": {"silent_since": at(-29)}})
    story.row("station-silent", 2, stations={"gone-9": {"silent_since": at(-28)}}, lines={"gone": {"state": "stopped"}})
    story.row("station-heard", 50, stations={"paint-1": {"silent_since": None}})
    yield story

    story = Story("chain-reload", "The chain has changed: what is drawn is asked for again.")
    story.row("chain", 1, chain={"version": 4})
    yield story

    story = Story(
        "one-line", "A board of one line is told of that line only, and what it is told of has no hole.", "paint"
    )
    story.row("reject", 1, complaints={ONE: complaint(ONE, 1)})
    story.row("reject", 2, complaints={TWO: complaint(TWO, 2, line="paint", station="paint-1", customer="painting")})
    story.row("acknowledge", 3, complaints={ONE: {"version": 2, "state": "acknowledged"}})
    story.row("station-silent", 4, stations={"welding-2": {"silent_since": at(0)}}, lines={"body": {"drill": True}})
    story.row("accept", 5, complaints={TWO: {"version": 2, "state": "closed"}})
    yield story

    story = Story("two-at-once", "Two complaints on one line, one of them gone before the delta was made.")
    story.row("reject", 1, complaints={ONE: complaint(ONE, 1)})
    story.row("reject", 2, complaints={TWO: complaint(TWO, 2), THREE: complaint(THREE, 2)})
    story.row("withdraw", 3, together=True, complaints={TWO: {"version": 2, "state": "withdrawn"}})
    story.row("dispute", 4, complaints={ONE: {"version": 2, "attribution": "disputed", "proposed_made_at": "welding"}})
    story.row(
        "rule",
        5,
        complaints={
            ONE: {
                "version": 3,
                "attribution": "confirmed",
                "basis": "ruling",
                "made_at": None,
                "proposed_made_at": None,
            }
        },
    )
    yield story


def told(story: Story) -> dict[str, Any]:
    """The story as its file says it."""
    first = board()
    if story.line is not None:
        first["lines"] = [x for x in first["lines"] if x["id"] == story.line]
        first["stations"] = [x for x in first["stations"] if x["line"] == story.line]
    known: dict[str, Any] = {}
    asked = Asked(known.get, lambda instant: DAWN <= instant < DAWN + timedelta(days=1), story.line)
    now, deltas, rows = first, [], list(story.rows)
    for size in story.groups:
        taken, rows = rows[:size], rows[size:]
        for row in taken:
            for name, patch in row["then"].get("complaints", {}).items():
                known[name] = known.get(name, {}) | public(patch)
        delta = delta_of(now, [written(row) for row in taken], asked)
        if delta is not None:
            deltas.append(delta)
            now = fold(now, delta)
    return {
        "about": story.about,
        "line": story.line,
        "board": first,
        "rows": story.rows,
        "groups": story.groups,
        "deltas": deltas,
        "after": now,
    }


def written(row: dict[str, Any]) -> Any:
    """A row as the journal gives it back."""
    return SimpleNamespace(
        seq=row["seq"],
        at=datetime.fromisoformat(row["at"]),
        occurred_at=datetime.fromisoformat(row["occurred_at"]),
        kind=row["kind"],
        body={"then": row["then"]},
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for story in stories():
        text = json.dumps(told(story), ensure_ascii=False, indent=1)
        (FOLDER / f"{story.name}.json").write_text(text + "\n", "utf-8")
