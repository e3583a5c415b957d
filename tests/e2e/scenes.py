"""What stands on the floor in the screenshots: something of everything, each at its own station."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.request import Request, urlopen

from e2e.floor import Floor
from e2e.raw_station import RawStation
from PIL import Image, ImageDraw

from threenos_wire.instants import format_instant

#: busy, red, red and contained, calm, in a drill, waits for its first piece, pending stop, a call.
STATIONS = ("pump-1", "wash-1", "leak-1", "trim-1", "wind-1", "stamp-1", "run-1", "motor-1")


@dataclass(frozen=True)
class Scene:
    """A complaint with a photo that waits for its answer, and a person who may be shown."""

    complaint: str
    person: str


def furnish(floor: Floor) -> Scene:
    """Do all of it."""
    for station in STATIONS:
        floor.heard(station)
    floor.ask("POST", "/drills", {"line": "motor"})
    floor.press("wind-1", "reject", defect="stack-height", drill=True)
    floor.press("trim-1", "catch", defect="burr")
    floor.press("motor-1", "call", supplier="material")
    _rejections(floor)
    _stops(floor)
    _administration(floor)
    return Scene(_with_photo(floor), floor.people["lin"])


def _administration(floor: Floor) -> None:
    """A roster with a substitute, something in quarantine, and a station that is not well."""
    today = datetime.now(UTC).date().isoformat()
    duty = {"person": floor.people["lin"], "role": "team-leader", "line": "assembly", "from_on": today}
    floor.ask("POST", "/rosters", duty | {"shift": "early"}, "chief")
    stands_in = {"person": floor.people["sun"], "stands_in_for": floor.people["lin"], "shift": "late"}
    floor.ask("POST", "/rosters", duty | stands_in, "chief")
    raw = RawStation(floor, "pack-1")
    raw.present(outbox=4)
    raw.send("event", b'{"v": 1, "kind": "reject", "defect": "a cable that was cut in the middle of a messa')
    raw.event(1, kind="count", qty=5, at=format_instant(datetime.now(UTC) + timedelta(hours=1)))
    raw.event(4, kind="count", qty=5, at=format_instant(datetime.now(UTC) + timedelta(hours=1)))
    raw.close()


def _rejections(floor: Floor) -> None:
    """At pump-1: new, on the way, arrived, answered, and added to twice."""
    floor.press("pump-1", "reject", defect="seal-missing", supplier="leak-test")
    floor.press("pump-1", "reject", defect="seal-missing", supplier="leak-test")
    for defect, supplier, state in (
        ("turned-round", "motor-assembly", "acknowledged"),
        ("wrong-part", "material", "arrived"),
        ("bearing-noise", "motor-assembly", "answered"),
    ):
        named = floor.press("pump-1", "reject", defect=defect, supplier=supplier, qty=4)
        floor.give(named, "acknowledge")
        if state != "acknowledged":
            floor.press("pump-1", "arrive", complaint=named)
        if state == "answered":
            contain(floor, named)
            answer(floor, named)


def _stops(floor: Floor) -> None:
    """One that nobody has answered, one that may be resumed, and one that was; a badge that may not is refused."""
    floor.ask("POST", f"/people/{floor.people['lin']}/badges", {"badge": "B-1"}, "admin")
    for station in ("stamp-1", "leak-1"):
        stop = floor.press(station, "stop")
        floor.give(stop, "acknowledge")
        floor.press(station, "arrive", complaint=stop)
        contain(floor, stop)
        if station == "stamp-1":
            floor.press(station, "release", complaint=stop, operator="B-nobody")
            floor.press(station, "release", complaint=stop, operator="B-1")
    floor.press("wash-1", "stop")


def _with_photo(floor: Floor) -> str:
    named = floor.press("pump-1", "reject", defect="low-pressure", supplier="motor-assembly", qty=12)
    note = "Every third motor of the blue boxes since the change of tool. 换刀后蓝色料箱里每三台就有一台。"
    floor.press("pump-1", "detail", complaint=named, lot="L-0931", note=note, photos=[_photo(floor)])
    floor.give(named, "acknowledge")
    floor.press("pump-1", "arrive", complaint=named)
    contain(floor, named)
    floor.give(named, "comment", "sun", text="All boxes of this morning are counted. 今早的料箱都已清点。")
    return named


def contain(floor: Floor, complaint: str) -> None:
    floor.give(complaint, "contain", what="Two pallets with 48 pieces", where="Q-12", qty_sorted=48, qty_bad=5)


def answer(floor: Floor, complaint: str) -> None:
    due = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    floor.give(
        complaint, "answer", "wang", owner="Wang", due_on=due,
        cause_made="The locating pin of fixture 3 was worn by 0.2 mm, so the bearing sat askew.",
        cause_missed="The noise is listened for at the run test only.",
        countermeasure="New pin, measured at each change of shift; listened for after the assembly too.",
    )  # fmt: skip


def _photo(floor: Floor) -> str:
    """Something like a part, kept by the agent and brought to the server."""
    image = Image.new("RGB", (1280, 960), "#5d6670")
    draw = ImageDraw.Draw(image)
    draw.ellipse((340, 180, 940, 780), fill="#b9c0c7", outline="#8d959d", width=12)
    draw.ellipse((520, 360, 760, 600), fill="#4a525a")
    draw.line((420, 300, 600, 420), fill="#e04b3a", width=10)
    bytes_ = BytesIO()
    image.save(bytes_, "JPEG")
    request = Request(f"{floor.page}/api/photos", bytes_.getvalue(), {"Content-Type": "image/jpeg"})
    with urlopen(request, timeout=10) as kept:
        return str(json.load(kept)["photo"])
