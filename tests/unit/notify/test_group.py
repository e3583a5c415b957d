"""Which notices of one person go now, in which messages, and which wait."""

from datetime import UTC, datetime, timedelta

import pytest

from threenos_server.notify.group import FREE, MOST, WINDOW, Held, Parcel, Plan, Sent, plan
from threenos_server.notify.model import NoticeKind, Pending, Reason

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def pending(n: int, kind: NoticeKind = NoticeKind.REJECT, *, at: datetime = NOW) -> Pending:
    return Pending(f"n{n:04d}", "ann", kind, at)


def ids(parcel: Parcel) -> list[str]:
    return [n.id for n in parcel.notices]


def ago(seconds: float, *, joinable: bool = False) -> Sent:
    return Sent(NOW - timedelta(seconds=seconds), joinable)


def test_the_first_reject_goes_at_once() -> None:
    """Nobody waits for the first reject."""
    assert plan([pending(1)], [], NOW) == Plan((Parcel((pending(1),), Reason.ALONE),), ())


def test_a_second_reject_within_the_minute_waits_for_its_end() -> None:
    """At most one message per person and minute for rejects."""
    planned = plan([pending(2)], [ago(20, joinable=True)], NOW)
    assert planned.parcels == ()
    assert planned.held == (Held(pending(2), NOW + timedelta(seconds=40), Reason.HELD_MINUTE),)


def test_rejects_of_a_minute_go_in_one_message_that_lists_all() -> None:
    """What waited for the minute goes together, oldest first."""
    three = [pending(n, at=NOW - timedelta(seconds=50 - n)) for n in (3, 1, 2)]
    planned = plan(three, [ago(61, joinable=True)], NOW)
    assert [ids(p) for p in planned.parcels] == [["n0001", "n0002", "n0003"]]
    assert planned.parcels[0].reason is Reason.JOINED


@pytest.mark.parametrize("kind", [NoticeKind.STOP, NoticeKind.CALL, NoticeKind.ESCALATION])
def test_a_stop_is_never_held_back(kind: NoticeKind) -> None:
    """A stop goes by itself at once, whatever the person had a second ago."""
    planned = plan([pending(1), pending(2, kind)], [ago(1, joinable=True)], NOW)
    assert [ids(p) for p in planned.parcels] == [["n0002"]]
    assert [h.notice.id for h in planned.held] == ["n0001"]


def test_a_drill_is_never_in_one_message_with_the_real_thing() -> None:
    """Even when many wait, a drill goes only as a drill."""
    many = [pending(n, NoticeKind.STOP) for n in range(8)] + [pending(n, NoticeKind.DRILL) for n in range(8, 12)]
    planned = plan(many, [], NOW)
    for parcel in planned.parcels:
        assert len({n.kind for n in parcel.notices}) == 1
    assert planned.parcels[0].notices[0].kind is NoticeKind.STOP


def test_five_hundred_stops_at_once_are_one_message() -> None:
    """A storm is joined at once; nothing of it waits."""
    planned = plan([pending(n, NoticeKind.STOP) for n in range(500)], [], NOW)
    assert [len(p.notices) for p in planned.parcels] == [500]
    assert planned.held == ()


@pytest.mark.parametrize("every_s", [2.0, 7.0, 20.0, 55.0])
def test_nobody_gets_more_than_ten_messages_in_ten_minutes_and_yet_all(every_s: float) -> None:
    """However long a storm of stops lasts: at most ten messages in any ten minutes, all listed, none held for long."""
    waiting: list[Pending] = []
    sent: list[tuple[datetime, list[Pending]]] = []
    now, n, last_press = NOW, 0, NOW + timedelta(minutes=25)
    while now < last_press + timedelta(minutes=11):
        if now < last_press:
            waiting.append(pending(n, NoticeKind.STOP, at=now))
            n += 1
        planned = plan(waiting, [Sent(at, False) for at, _ in sent], now)
        sent += [(now, list(p.notices)) for p in planned.parcels]
        waiting = [h.notice for h in planned.held]
        now += timedelta(seconds=every_s)
    assert waiting == []
    assert sorted(x.id for _, notices in sent for x in notices) == sorted(f"n{i:04d}" for i in range(n))
    for at, _ in sent:
        assert sum(1 for other, _ in sent if at <= other < at + WINDOW) <= MOST
    longest = max(at - x.created_at for at, notices in sent for x in notices)
    assert longest <= timedelta(seconds=300)


def test_the_first_messages_go_one_by_one() -> None:
    """Some stops within ten minutes are no storm: each is a message of its own."""
    planned = plan([pending(9, NoticeKind.STOP)], [ago(s) for s in range(1, FREE)], NOW)
    assert [p.reason for p in planned.parcels] == [Reason.ALONE]


def test_in_a_storm_what_waits_for_the_minute_rides_along() -> None:
    """A message that goes anyway lists the rejects too."""
    history = [ago(300), ago(200), ago(150), ago(100), ago(30, joinable=True)]
    planned = plan([pending(1), pending(2, NoticeKind.STOP)], history, NOW)
    assert [ids(p) for p in planned.parcels] == [["n0001", "n0002"]]
    assert planned.held == ()
