"""Five hundred stops within a second: everybody hears of all of them, in few messages, and of the stops at once."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from threenos_server.api import Keys
from threenos_server.chain import example
from threenos_server.chain.document import check, from_yaml
from threenos_server.complaints.arrival import Arrival
from threenos_server.complaints.service import take
from threenos_server.escalation.service import begin
from threenos_server.notify.group import MOST, WINDOW
from threenos_server.notify.model import Contact, NoticeKind
from threenos_server.notify.sender import Sender
from threenos_server.notify.senders import Outgoing
from threenos_server.notify.tables import Notice
from threenos_wire.events import Event, Kind
from threenos_wire.ids import new_id
from threenos_wire.instants import format_instant

SITE = "lakeside"
KEY = b"k" * 32
STOPS = 500


class Told:
    """Hands nothing over, and notes what each person got when."""

    def __init__(self, plant: Any) -> None:
        self.got: dict[str, list[tuple[datetime, list[str]]]] = defaultdict(list)
        self._plant = plant
        self.sender = Sender(plant.db, lambda _s, _site, who: Contact("en", (who,)), lambda: plant.now, self._send)

    def _send(self, address: str, message: Outgoing) -> None:
        self.got[self._plant.people[address]].append((self._plant.now, [n["id"] for n in message.notices]))

    def go(self, seconds: float, steps: int) -> None:
        """Time passes in so many steps, at each of which the clock looks and the sender sends."""
        for _ in range(steps):
            self._plant.wait(seconds / steps)
            self.sender.run_once()
            self.sender.settle(10)


def press_all(plant: Any, told: Told) -> None:
    """Every station stops its line for as many reasons as it takes, in twenty batches of fifty milliseconds."""
    chain = check(from_yaml(example.text())).sound()
    wanted = [(station, defect) for defect in sorted(chain.defects) for station in sorted(chain.stations)][:STOPS]
    boots = {station: new_id() for station in chain.stations}
    assert len(wanted) == STOPS
    for batch in range(20):
        arrivals = [
            Arrival(_stop(plant.now, boots[station], seq, defect), station, plant.now)
            for seq, (station, defect) in enumerate(wanted)
            if seq % 20 == batch
        ]
        with plant.db.write() as session:
            outcomes = take(session, SITE, arrivals, plant.now, Keys(KEY, KEY), begin=partial(begin, key=KEY))
        assert all(o.accepted for o in outcomes)
        told.go(0.05, 1)


def _stop(at: datetime, boot: str, seq: int, defect: str) -> Event:
    when = format_instant(at)
    return Event(v=1, id=new_id(), boot=boot, seq=seq + 1, at=when, age_ms=0, kind=Kind.STOP, defect=defect)


def test_five_hundred_stops_make_ten_messages_at_most_that_list_them_all(plant: Any) -> None:
    """The team leader has all within eleven seconds, and nobody gets an eleventh message in any ten minutes."""
    told, began = Told(plant), plant.now
    press_all(plant, told)
    told.go(15, 30)
    told.go(700, 140)
    notices: list[Notice] = plant.notices()
    stops = {n.id for n in notices if n.kind == NoticeKind.STOP and plant.people[n.person or ""] == "Ann"}
    assert len(stops) == STOPS
    last = max(at for at, listed in told.got["Ann"] if stops.intersection(listed))
    assert last - began <= timedelta(seconds=12)
    for person, messages in told.got.items():
        most = max(sum(1 for other, _ in messages if at <= other < at + WINDOW) for at, _ in messages)
        assert most <= MOST, (person, most)
        theirs = [n for n in notices if plant.people.get(n.person or "") == person]
        owed = {n.id for n in theirs if n.created_at < plant.now - WINDOW}
        assert owed <= {named for _, listed in messages for named in listed}, person
    assert {n.kind for n in notices} >= {NoticeKind.STOP, NoticeKind.LATE, NoticeKind.ESCALATION}
