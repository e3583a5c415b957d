"""Which notices of one person go now, in which messages, and which wait."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from threenos_server.notify.group import FREE, JOINABLE_MOST, LONGEST, MOST, WINDOW, Held, Parcel, Plan, Sent, plan
from threenos_server.notify.model import JOINABLE, NoticeKind, Pending, Reason

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def pending(n: int, kind: NoticeKind = NoticeKind.REJECT, *, at: datetime = NOW) -> Pending:
    return Pending(f"n{n:04d}", "ann", kind, at)


def ids(parcel: Parcel) -> list[str]:
    return [n.id for n in parcel.notices]


def ago(seconds: float, *, joinable: bool = False) -> Sent:
    """A message of so many seconds ago, urgent when it was not joinable."""
    return Sent(NOW - timedelta(seconds=seconds), joinable, not joinable)


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


def told(arrivals: Sequence[tuple[float, NoticeKind]]) -> list[tuple[datetime, list[Pending]]]:
    """The messages of one person to whom this is to be told, each after so many seconds, oldest first."""
    waiting: list[Pending] = []
    sent: list[tuple[datetime, list[Pending]]] = []
    history: list[Sent] = []
    coming = [pending(n, kind, at=NOW + timedelta(seconds=s)) for n, (s, kind) in enumerate(arrivals)]
    now = NOW
    while coming or waiting:
        while coming and coming[0].created_at <= now:
            waiting.append(coming.pop(0))
        planned = plan(waiting, history[-MOST:], now)
        for parcel in planned.parcels:
            sent.append((now, list(parcel.notices)))
            kinds = {n.kind in JOINABLE for n in parcel.notices}
            history.append(Sent(now, True in kinds, False in kinds))
        waiting = [h.notice for h in planned.held]
        now = min([*(h.until for h in planned.held), *(c.created_at for c in coming[:1])], default=now)
    return sent


def most_in_a_window(sent: Sequence[tuple[datetime, list[Pending]]]) -> int:
    return max(sum(1 for other, _ in sent if at <= other < at + WINDOW) for at, _ in sent)


def longest_wait(sent: Sequence[tuple[datetime, list[Pending]]]) -> timedelta:
    """Of what was urgent."""
    waits = (at - n.created_at for at, notices in sent for n in notices if n.kind not in JOINABLE)
    return max(waits, default=timedelta(0))


@pytest.mark.parametrize("every_s", [0.5, 2.0, 7.0, 20.0, 55.0, 119.0])
def test_nobody_gets_more_than_ten_messages_in_ten_minutes_and_yet_all(every_s: float) -> None:
    """However long a storm of stops lasts: at most ten messages in any ten minutes, all listed, none held for long."""
    storm = [(n * every_s, NoticeKind.STOP) for n in range(int(1500 / every_s))]
    sent = told(storm)
    assert sorted(n.id for _, notices in sent for n in notices) == [f"n{i:04d}" for i in range(len(storm))]
    assert most_in_a_window(sent) <= MOST
    assert longest_wait(sent) <= LONGEST


@pytest.mark.parametrize("seed", range(12))
def test_the_rules_hold_for_whatever_comes(seed: int) -> None:
    """Stops and rejects at any rate, in showers: each is told once, none of the stops late, never more than ten."""
    chance = Random(seed)
    kinds = (NoticeKind.STOP, NoticeKind.REJECT)
    arrivals: list[tuple[float, NoticeKind]] = []
    for kind in kinds:
        at, mean = 0.0, chance.choice([8, 40, 100, 400])
        while (at := at + chance.expovariate(1 / mean)) < 2400:
            arrivals += [(at, kind)] * chance.choice([1, 1, 1, 6])
    sent = told(sorted(arrivals))
    assert sorted(n.id for _, notices in sent for n in notices) == [f"n{i:04d}" for i in range(len(arrivals))]
    assert most_in_a_window(sent) <= MOST
    assert longest_wait(sent) <= LONGEST


def test_rejects_never_use_up_what_a_stop_needs() -> None:
    """On a day of rejects a person has half of the messages left, so that five stops go at once, each by itself."""
    rejects = [(10.0 * n, NoticeKind.REJECT) for n in range(59)]
    sent = told([*rejects, *((585.0 + n, NoticeKind.STOP) for n in range(FREE))])
    of_stops = [notices for at, notices in sent if at > NOW + timedelta(seconds=580)]
    assert len(sent) - len(of_stops) <= JOINABLE_MOST
    assert [sum(n.kind is NoticeKind.STOP for n in notices) for notices in of_stops[:FREE]] == [1] * FREE
    assert longest_wait(sent) == timedelta(0)


def test_the_first_messages_go_one_by_one() -> None:
    """Some stops within ten minutes are no storm: each is a message of its own."""
    planned = plan([pending(9, NoticeKind.STOP)], [ago(s) for s in range(1, FREE)], NOW)
    assert [p.reason for p in planned.parcels] == [Reason.ALONE]


def test_in_a_storm_what_waits_for_the_minute_rides_along() -> None:
    """A message that lists all that waits lists the rejects too."""
    history = [*(ago(s) for s in (300, 200, 150, 100, 90)), ago(30, joinable=True)]
    planned = plan([pending(1), pending(2, NoticeKind.STOP)], history, NOW)
    assert [ids(p) for p in planned.parcels] == [["n0001", "n0002"]]
    assert planned.held == ()


def test_rejects_that_had_many_messages_go_along_with_the_next_stop() -> None:
    """They wait for longer than the minute, but not when a message goes anyway."""
    history = [ago(s, joinable=True) for s in (300, 200, 65)]
    assert [h.reason for h in plan([pending(1)], history, NOW).held] == [Reason.HELD_STORM]
    planned = plan([pending(1), pending(2, NoticeKind.STOP)], history, NOW)
    assert [ids(p) for p in planned.parcels] == [["n0001", "n0002"]]
