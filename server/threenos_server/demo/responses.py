"""What the simulated responders do next about a complaint, and after how long. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from threenos_server.demo.figures import DECLINED, DISPUTED, WITHDRAWN, Figures, multiple_of_median
from threenos_wire.instants import parse_instant

#: The median response takes this part of its limit, so that some come late and some very late.
PART_OF_LIMIT = 0.35
#: Nobody who watches a demo waits an hour for a containment.
LONGEST_MEDIAN_S = 40.0
UNDO_S = 4.0

CAUSES = (
    ("tool insert worn past its limit", "the check every 50 pieces was skipped after the change of shift"),
    ("fixture clamp lost pressure", "the gauge looks at one side only"),
    ("drying time cut when the conveyor was sped up", "nobody looks for it at this station"),
)
REMEDIES = ("tool life counter stops the machine", "pressure switch on the clamp", "gauge for both sides")


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does: a command over HTTP by an account, or a press at the complaint's own station."""

    who: str  # an account's name, or "station"
    command: str
    body: dict[str, Any] = field(default_factory=dict)
    line: bool = False  # a command to the line and not to the complaint


def next_act(chance: Random, card: dict[str, Any], today: str) -> Act | None:
    """What comes next for a complaint on the board; None when nobody has to do anything."""
    match card["kind"], card["state"]:
        case ("reject" | "stop" | "call", "open"):
            if chance.random() < WITHDRAWN:
                return Act("station", "withdraw", {"reason": "wrong tile"})
            return Act("leader", "acknowledge")
        case ("reject" | "stop" | "call", "acknowledged"):
            return Act("station", "arrive")
        case ("reject" | "stop", "arrived"):
            contained = {
                "what": "all pieces of this lot at the station",
                "where": "red rack 3",
                "qty_sorted": 40,
                "qty_bad": 2,
            }
            return Act("leader", "contain", contained)
        case ("reject" | "stop", "contained") if _stands(card):
            return Act("quality", "release", {"complaint": card["id"]}, line=True)
        case ("reject" | "stop", "contained") if card["attribution"] == "suspected" and chance.random() < DISPUTED:
            return Act("owner", "dispute", {"reason": "our gauge was calibrated this morning"})
        case ("reject" | "stop", "contained") if card["attribution"] == "disputed":
            return Act("quality", "rule", {"reason": "the mark is from their fixture", "made_at": card["made_at"]})
        case ("reject" | "stop", "contained") | ("late-response", "open"):
            # While nobody is charged, it is for the quality engineer to answer.
            who = "quality" if card["made_at"] in (None, "unclassified") else "owner"
            return Act(who, "answer", _answer(chance, today))
        case (_, "answered") if card["made_at"] == card["customer"]:
            return Act("quality", "accept", {"rating": 3})
        case (_, "answered") | ("call", "arrived"):
            if card["kind"] != "call" and chance.random() < DECLINED:
                return Act("station", "decline", {"reason": "the next box had it again"})
            return Act("station", "accept", {"rating": chance.choices((5, 4, 3, 2), (5, 6, 3, 1))[0]})
    return None


def delay_s(chance: Random, card: dict[str, Any], act: Act, figures: Figures) -> float:
    """Seconds until somebody does it: as real inspections are spread, about the standard that applies."""
    if act.command == "withdraw":
        return UNDO_S
    return _median_s(card) * multiple_of_median(chance, figures.response_quantiles)


def _median_s(card: dict[str, Any]) -> float:
    clock = {"open": "acknowledge", "acknowledged": "arrive"}.get(card["state"])
    due = card["due"].get(clock) if clock else None
    if due is None:
        return LONGEST_MEDIAN_S / 2
    limit = (_at(due) - _at(card["received_at"])).total_seconds()
    return min(PART_OF_LIMIT * max(limit, 0.0), LONGEST_MEDIAN_S)


def _at(text: str) -> datetime:
    return parse_instant(text)


def _stands(card: dict[str, Any]) -> bool:
    """Whether its line stands by it, and still does."""
    return card["stop"] is not None and card["stop"]["state"] == "stopped"


def _answer(chance: Random, today: str) -> dict[str, Any]:
    made, missed = chance.choice(CAUSES)
    return {
        "cause_made": made,
        "cause_missed": missed,
        "countermeasure": chance.choice(REMEDIES),
        "owner": "owner",
        "due_on": today,
    }
