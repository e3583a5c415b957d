"""The server's clock was set back: what was to come by the clock that was ahead comes so much earlier. Pure."""

from datetime import timedelta

from threenos_server.complaints.decide.decision import Decision, about, touch
from threenos_server.complaints.decide.lines import StopState, line_then
from threenos_server.complaints.model import Complaint, Patch, Stop
from threenos_server.complaints.view import Plant
from threenos_wire.instants import format_instant, parse_instant


def set_back(plant: Plant, complaint: Complaint, back: timedelta) -> Decision:
    """A row `clock-set-back`: the clocks of the complaint's round, its ladder and a pending stop are dated anew.

    What was received when stays as it was written: nobody knows how far it was wrong.
    """

    def earlier(at: str) -> str:
        return format_instant(parse_instant(at) - back)

    changes: Patch = {
        "round_started_at": earlier(complaint.round_started_at),
        "due": {clock: earlier(at) for clock, at in complaint.due.items()},
        "ladder": [{**step, "at": earlier(step["at"])} for step in complaint.ladder],
    }
    lines: dict[str, Patch] = {}
    if complaint.stop is not None and complaint.stop["state"] == StopState.PENDING:
        stop: Stop = {**complaint.stop, "from": earlier(complaint.stop["from"])}
        changes["stop"] = stop
        lines = line_then(plant, complaint.line, {complaint.id: stop}, stop["from"])
    return about("clock-set-back", complaint, touch(complaint, **changes), lines=lines)
