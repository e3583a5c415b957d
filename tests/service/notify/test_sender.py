"""The outbox is emptied at least once: crashes repeat, errors are tried again, and one bad address stops nobody."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from plant import at_once, wait_for

from threenos_server.db import Database
from threenos_server.journal.service import add_site
from threenos_server.notify import service
from threenos_server.notify.model import MAX_ATTEMPTS, Contact, Draft, NoticeKind, SendFailed
from threenos_server.notify.sender import Sender
from threenos_server.notify.senders import Outgoing, send
from threenos_server.notify.tables import Notice

#: A sender's thread is killed in its work, which is what the test is about.
killed = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
SITE = "plant"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Office:
    """An outbox with a moved clock and addresses that do what the test says."""

    db: Database
    now: datetime = START
    got: list[tuple[str, Outgoing]] = field(default_factory=list)
    fails: dict[str, BaseException] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sender = self.another()

    def another(self) -> Sender:
        """A further sender, as of another process."""
        return Sender(self.db, lambda _s, _site, p: self._contact(p), lambda: self.now, self._send, lambda: 0.0)

    def _contact(self, person: str) -> Contact:
        return self.contacts.get(person, Contact("en", (f"to:{person}",)))

    def _send(self, address: str, message: Outgoing) -> None:
        if address in self.fails:
            raise self.fails[address]
        self.got.append((address, message))

    def write(self, *people: str, kind: NoticeKind = NoticeKind.STOP, n: int = 1) -> None:
        params = {"complaint_kind": "stop"}
        with self.db.write() as session:
            service.write(session, SITE, [Draft(p, kind, params) for p in people for _ in range(n)], self.now)

    def go(self, seconds: float = 0) -> None:
        """Time passes, then the sender looks once and finishes what it began."""
        self.now += timedelta(seconds=seconds)
        self.sender.run_once()
        self.sender.settle(10)

    def states(self) -> list[tuple[str, str]]:
        with self.db.read() as session:
            query = sa.select(Notice.state, Notice.reason).order_by(Notice.created_at, Notice.id)
            return [(r.state, r.reason) for r in session.execute(query)]

    def told(self) -> list[str]:
        return [address.removeprefix("to:") for address, _ in self.got]


@pytest.fixture
def office(db: Database) -> Iterator[Office]:
    with db.write() as session:
        add_site(session, SITE)
    yield Office(db)


def test_a_notice_is_sent_once_and_marked(office: Office) -> None:
    """Sent, and not again at the next look."""
    office.write("ann")
    office.go()
    office.go(1)
    assert office.told() == ["ann"]
    assert office.states() == [("sent", "alone")]


@killed
def test_a_crash_between_sending_and_marking_sends_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told twice at worst, never lost: the mark comes after the hand-over."""
    office.write("ann")
    with monkeypatch.context() as crash:
        crash.setattr(service, "sent", _die)
        office.go()
    assert office.told() == ["ann"]
    assert office.states() == [("sending", "alone")]
    office.sender = office.another()
    office.go(service.LEASE.total_seconds() - 1)
    assert office.told() == ["ann"]
    office.go(2)
    assert office.told() == ["ann", "ann"]
    assert office.states() == [("sent", "alone")]


@killed
def test_a_crash_before_sending_loses_nothing(office: Office) -> None:
    """A process that dies with a notice in its hands leaves it to the next."""
    office.write("ann")
    office.fails["to:ann"] = SystemExit()
    office.go()
    assert office.told() == []
    office.fails.clear()
    office.sender = office.another()
    office.go(61)
    assert office.told() == ["ann"]


def test_a_temporary_error_is_tried_again_later_and_later(office: Office) -> None:
    """Exponential back-off; the error is visible meanwhile."""
    office.write("ann")
    office.fails["to:ann"] = SendFailed("gateway away")
    office.go()
    assert office.states() == [("waiting", "temporary-failure")]
    office.go(4)
    with office.db.read() as session:
        assert session.scalars(sa.select(Notice.attempts)).one() == 1
    office.go(2)
    office.fails.clear()
    office.go(9)
    assert office.told() == []
    office.go(2)
    assert office.told() == ["ann"]


def test_it_is_given_up_where_it_is_seen(office: Office) -> None:
    """After about two hours of trying a notice is dead, with its error."""
    office.write("ann")
    office.fails["to:ann"] = SendFailed("gateway away")
    for _ in range(MAX_ATTEMPTS):
        office.go(601)
    assert office.states() == [("dead", "gave-up")]


def test_a_permanent_error_is_not_tried_again(office: Office) -> None:
    """Trying again cannot help; somebody has to mend the address."""
    office.write("ann")
    office.fails["to:ann"] = SendFailed("no such address", permanent=True)
    office.go()
    assert office.states() == [("dead", "permanent-failure")]


def test_one_address_that_works_is_enough(office: Office) -> None:
    """The person was told; the other address's error is kept beside it."""
    office.contacts["ann"] = Contact("en", ("to:pager", "to:mail"))
    office.fails["to:pager"] = SendFailed("pager off")
    office.write("ann")
    office.go()
    assert office.told() == ["mail"]
    with office.db.read() as session:
        assert session.scalars(sa.select(Notice.error)).one() == "pager off"


@pytest.mark.parametrize("other", [(), ("to:desk",)])
def test_an_error_that_no_database_keeps_is_marked(office: Office, other: tuple[str, ...]) -> None:
    """It tells part of the address, which had `%00`; were it not marked, it would be sent every minute for ever."""
    office.contacts["ann"] = Contact("en", ("webhook+http://desk.plant:8%000/in?secret=s", *other))
    with pytest.raises(SendFailed) as failed:
        send(office.contacts["ann"].addresses[0], Outgoing("m1", "", "", START))
    office.fails[office.contacts["ann"].addresses[0]] = failed.value
    office.write("ann")
    office.go()
    assert office.states() == [("sent", "alone") if other else ("waiting", "temporary-failure")]
    with office.db.read() as session:
        assert "nonnumeric port: '8␀0'" in (session.scalars(sa.select(Notice.error)).one() or "")


def test_an_address_that_breaks_the_sender_is_a_temporary_error(office: Office) -> None:
    """Whatever a service's code raises, the notice is tried again."""
    office.fails["to:ann"] = ValueError("bug")
    office.write("ann")
    office.go()
    assert office.states() == [("waiting", "temporary-failure")]


def test_a_notice_that_cannot_be_worded_is_given_up_in_the_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours counts as an attempt: it does not come back for ever, and holds up nobody."""
    monkeypatch.setattr(service, "MAX_ATTEMPTS", 2)
    with office.db.write() as session:
        service.write(session, SITE, [Draft("ann", NoticeKind.LATE, {})], office.now)
    office.write("bob")
    office.go()
    assert office.told() == ["bob"]
    office.go(601)
    assert ("dead", "gave-up") in office.states()


def test_a_notice_that_cannot_be_read_holds_up_nobody(office: Office) -> None:
    """What an older or newer version wrote is left aside; the others are told."""
    office.write("ann", "bob")
    with office.db.write() as session:
        session.execute(sa.update(Notice).where(Notice.person == "ann").values(kind="unheard-of"))
    office.go()
    assert office.told() == ["bob"]


def test_a_hanging_address_does_not_stop_the_rest(office: Office) -> None:
    """Each person is told in a thread of its own."""
    hang = threading.Event()
    whole = office._send

    def send(address: str, message: Outgoing) -> None:
        if address == "to:ann":
            hang.wait(30)
        whole(address, message)

    office.sender = Sender(office.db, lambda _s, _site, p: Contact("en", (f"to:{p}",)), lambda: office.now, send)
    office.write("ann", "bob")
    office.sender.run_once()
    try:
        wait_for("Bob was told", lambda: office.told() == ["bob"])
        office.write("ann", "bob")
        wait_for("Bob was told again", lambda: office.sender.run_once() == 0 and office.told() == ["bob", "bob"])
    finally:
        hang.set()
        office.sender.settle(10)


def test_nobody_with_an_address_is_written_all_the_same(office: Office) -> None:
    """It is seen at the desk, and never tried."""
    with office.db.write() as session:
        drafts = [Draft(None, NoticeKind.STOP, {}, "director"), Draft("ann", NoticeKind.STOP, {}, reachable=False)]
        assert service.write(session, SITE, drafts, office.now) == 2
    office.go()
    assert office.got == []
    assert office.states() == [("no-address", "nobody-on-the-roster"), ("no-address", "no-address")]


def test_a_person_who_left_meanwhile_is_not_told(office: Office) -> None:
    """Addresses are looked up when the message goes out."""
    office.write("ann")
    office.contacts["ann"] = Contact()
    office.go()
    assert office.states() == [("no-address", "no-address")]


def test_rejects_of_a_minute_are_one_message(office: Office) -> None:
    """The first at once, the others of that minute together at its end."""
    office.write("ann", kind=NoticeKind.REJECT)
    office.go()
    for _ in range(3):
        office.write("ann", kind=NoticeKind.REJECT)
        office.go(10)
    assert len(office.got) == 1
    assert office.states()[1:] == [("waiting", "held-minute")] * 3
    office.go(31)
    assert [len(m.notices) for _, m in office.got] == [1, 3]
    assert office.states() == [("sent", "alone")] + [("sent", "joined")] * 3


def test_five_hundred_stops_reach_everybody_in_few_messages(office: Office) -> None:
    """A storm is joined: at most ten messages in ten minutes, and they list all."""
    for _ in range(10):
        office.write("ann", "bob", n=50)
        office.go(0.5)
    for _ in range(60):
        office.go(10)
    mine = [m for address, m in office.got if address == "to:ann"]
    assert sum(len(m.notices) for m in mine) == 500
    assert len(mine) <= 10
    assert {state for state, _ in office.states()} == {"sent"}


def test_two_senders_share_the_work_without_a_double(office: Office) -> None:
    """Whoever claims a notice has it; both count the same messages."""
    people = [f"p{n}" for n in range(30)]
    office.write(*people)
    senders = [office.sender, office.another()]
    start = threading.Barrier(2, timeout=30)

    def work(sender: Sender) -> None:
        start.wait()
        while sender.run_once():
            sender.settle(10)
        sender.settle(10)

    at_once(*(partial(work, sender) for sender in senders), seconds=60)
    office.go()
    assert sorted(office.told()) == sorted(people)


def test_a_drill_and_the_real_thing_are_two_messages(office: Office) -> None:
    """Even in a storm."""
    with office.db.write() as session:
        drafts = [
            Draft("ann", kind, {"complaint_kind": "stop", "of": "stop"})
            for kind in (NoticeKind.STOP, NoticeKind.DRILL) * 6
        ]
        service.write(session, SITE, drafts, office.now)
    for _ in range(30):
        office.go(20)
    mixed = [m for _, m in office.got if len({n["kind"] for n in m.notices}) > 1]
    assert mixed == []
    assert sum(len(m.notices) for _, m in office.got) == 12


def _die(*_: object) -> None:
    raise SystemExit
