"""Several intakes on one broker: each takes its part of the events; who cannot record leaves it to the others."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from plant import wait_for
from service.complaints.works import Works, begin
from service.station.shopfloor import Broker

from threenos_server.db import Database
from threenos_server.intake import site as sites
from threenos_server.intake.link import BrokerAddress, Link
from threenos_server.intake.site import Site
from threenos_server.journal.trace import traces
from threenos_wire.ids import new_id

EVENTS = 40
SITE = "lakeside"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    started = Broker(tmp_path_factory.mktemp("sharing") / "broker")
    started.start()
    yield started
    started.kill()


@pytest.fixture
def connect(broker: Broker) -> Iterator[Callable[[], Link]]:
    """Connects an intake's link, with its subscription heard of by the broker."""
    links: list[Link] = []

    def made() -> Link:
        links.append(Link(BrokerAddress("127.0.0.1", broker.port, "server", "server-secret")))
        links[-1].start()
        wait_for("it is connected", links[-1].connected)
        return links[-1]

    yield made
    for link in links:
        link.close()


def pressed(by: Link, *taken: Link) -> list[int]:
    """How many of some events each of these links gets."""
    for _ in range(EVENTS):
        by.publish("threenos/v1/lakeside/mill-1/event", b"{}")
    wait_for("all have come", lambda: sum(len(link.inbox) for link in taken) >= EVENTS)
    counts = [len(link.inbox) for link in taken]
    for link in taken:
        link.inbox.take(0)
    return counts


def test_events_are_shared_and_a_part_is_left_and_taken_again(connect: Callable[[], Link]) -> None:
    """Every event goes to one of them; to the other alone while one has left; to both again afterwards."""
    one, other, station = connect(), connect(), connect()
    station.take_part(False)
    wait_for("both get some", lambda: min(pressed(station, one, other)) > 0)
    one.take_part(False)
    wait_for("one gets nothing", lambda: pressed(station, one, other) == [0, EVENTS])
    one.take_part(True)
    wait_for("both get some again", lambda: min(pressed(station, one, other)) > 0)


class Told:
    """A link that keeps what was published, oldest first, by topic."""

    def __init__(self) -> None:
        self.said: dict[str, list[Any]] = {}

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert retain
        self.said.setdefault(topic, []).append(json.loads(payload))


@pytest.fixture
def works(db: Database) -> Works:
    return begin(db)


def test_what_was_told_is_told_once_more(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another intake may have said late what was so before; a station that nothing happened to is left alone."""
    monkeypatch.setattr(sites, "AGAIN_S", 0.3)
    told = Told()
    site = Site(SITE, told, b"k" * 32, lambda: works.now)  # type: ignore[arg-type]  # only publishes
    with works.db.read() as session:
        seq = site.tell_all(session)
    topic = f"threenos/v1/{SITE}/leak-1/state"

    def times(name: str = topic) -> int:
        site.tell_due(works.db)
        return len(told.said[name])

    wait_for("all is told once more", lambda: times() == 2)
    works.press("leak-1", "reject", defect="porosity")
    with works.db.read() as session:
        site.take(traces(session, SITE, seq, 10))
    assert times() == 3
    wait_for("the change is told once more", lambda: times() == 4)
    assert told.said[topic][-1]["complaints"] == told.said[topic][-2]["complaints"] != []
    assert times(f"threenos/v1/{SITE}/pump-1/state") == 2


def test_an_intake_that_begins_tells_the_refusals_that_the_others_tell(works: Works) -> None:
    """Else the tablet would show and hide them by turns."""
    waits = works.press("leak-1", "detail", complaint=new_id(), note="of a complaint that never comes")
    works.wait(hours=25)
    assert works.tick() == 1
    told = Told()
    site = Site(SITE, told, b"k" * 32, lambda: works.now)  # type: ignore[arg-type]  # only publishes
    for _ in range(2):
        with works.db.read() as session:
            site.tell_all(session)
    states = told.said[f"threenos/v1/{SITE}/leak-1/state"]
    assert [[refusal["id"] for refusal in state["refused"]] for state in states] == [[waits], [waits]]
