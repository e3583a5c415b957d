"""The stories of a line that stands, decided one after the other without a database."""

from collections.abc import Callable
from datetime import timedelta

from unit.complaints.floor import START, Floor

from threenos_server.complaints.decide.decision import Decision
from threenos_server.complaints.life import Refused
from threenos_server.complaints.model import Complaint
from threenos_wire.events import Reason
from threenos_wire.instants import format_instant

Contained = Callable[..., Complaint]


def at(**span: float) -> str:
    return format_instant(START + timedelta(**span))


def test_a_stop_stops_at_once(floor: Floor, contained: Contained) -> None:
    """Released when contained, by somebody who may; then the first good piece is confirmed."""
    c = floor.press("assembly-1", "stop", supplier="maintenance")
    assert (c.stop, floor.line("shop").state) == ({"state": "stopped", "from": at(), "until": None}, "stopped")
    early = floor.says("assembly-1", "release", c.id, "team-leader")
    assert isinstance(early, Refused)
    assert "contained" in early.detail
    contained(kind="stop", supplier="maintenance")
    nobody = floor.says("assembly-1", "release", c.id)
    assert isinstance(nobody, Refused)
    assert nobody.reason is Reason.NOT_AUTHORIZED
    floor.wait(minutes=20)
    assert isinstance(floor.says("milling-1", "release", c.id, "team-leader"), Decision)
    line = floor.line("shop")
    assert (line.state, line.since, line.first_piece) == ("running", at(minutes=20), c.id)
    good = floor.says("assembly-1", "release", c.id)
    assert isinstance(good, Decision)
    assert (good.kind, floor.line("shop").first_piece) == ("first-piece", None)
    assert isinstance(floor.says("assembly-1", "release", c.id, "team-leader"), Refused)


def test_the_line_runs_when_every_stop_is_released(floor: Floor, contained: Contained) -> None:
    """Two stops, one release: it stands still."""
    first = contained(kind="stop", supplier="maintenance")
    second = contained("milling-1", "stop", supplier="maintenance")
    floor.says("assembly-1", "release", first.id, "supervisor")
    assert floor.line("shop").state == "stopped"
    floor.says("milling-1", "release", second.id, "supervisor")
    assert (floor.line("shop").state, floor.line("shop").first_piece) == ("running", second.id)


def test_a_critical_stop_needs_a_quality_engineer(floor: Floor, contained: Contained) -> None:
    """Neither team leader nor supervisor releases it."""
    c = contained("packing-1", "stop", defect="loose")
    assert isinstance(floor.says("packing-1", "release", c.id, "team-leader supervisor"), Refused)
    assert isinstance(floor.says("packing-1", "release", c.id, "quality-engineer"), Decision)


def test_a_stop_with_grace(floor: Floor) -> None:
    """Pending until receipt and grace, then stopped at the fixed position."""
    c = floor.press("packing-1", "stop")
    assert (floor.line("pack").state, floor.line("pack").stop_at) == ("stop-pending", at(seconds=30))
    floor.wait(seconds=29)
    assert floor.stop_due("pack") == []
    floor.press("packing-1", "stop", defect="loose")
    floor.wait(seconds=1)
    stopped = floor.stop_due("pack")
    assert [d.kind for d in stopped] == ["line-stopped"] * 2
    assert (floor.line("pack").state, floor.line("pack").since) == ("stopped", at(seconds=30))
    assert floor[c.id].stop == {"state": "stopped", "from": at(seconds=30), "until": None}
    assert floor.stop_due("pack") == []


def test_a_stop_is_overridden_in_its_grace(floor: Floor) -> None:
    """The line runs on; whoever presses again stops it again."""
    c = floor.press("packing-1", "stop")
    floor.wait(seconds=10)
    assert isinstance(floor.override(c.id), Decision)
    assert floor.line("pack").state == "running"
    assert floor[c.id].stop == {"state": "overridden", "from": at(seconds=10), "until": at(seconds=10)}
    assert isinstance(floor.override(c.id), Refused)
    again = floor.press("packing-1", "stop")
    assert (again.id, floor.line("pack").state, floor.line("pack").stop_at) == (c.id, "stop-pending", at(seconds=40))


def test_an_old_stop_has_stopped_already(floor: Floor) -> None:
    """What was pressed longer ago than the grace stopped the line then."""
    c = floor.press("packing-1", "stop", age=120)
    assert c.stop == {"state": "stopped", "from": at(seconds=-90), "until": None}
    assert floor.line("pack").since == at(seconds=-90)


def test_a_withdrawn_stop_is_released(floor: Floor) -> None:
    """A slip of the hand costs no release by anybody."""
    c = floor.press("assembly-1", "stop")
    floor.wait(seconds=5)
    floor.says("assembly-1", "withdraw", c.id, reason="slipped")
    assert (floor.line("shop").state, floor.line("shop").first_piece) == ("running", None)
    assert floor[c.id].stop == {"state": "released", "from": at(), "until": at(seconds=5)}
