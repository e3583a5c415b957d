"""Which notices of one person go out now, in which messages, and which wait. Pure.

Three rules. Rejects, reminders and the like make at most one message a minute. What concerns a stop, a call or an
escalation goes at once. And whoever has had FREE messages within ten minutes gets everything that waits joined into
one, at growing distances, so that there are never more than ten in ten minutes and yet all is told within them.
Drills and the real thing are never in one message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from threenos_server.notify.model import JOINABLE, NoticeKind, Pending, Reason

MINUTE = timedelta(minutes=1)
WINDOW = timedelta(minutes=10)
MOST = 10
#: So many messages within the window go out one by one.
FREE = 5
#: After n messages within the window, the distance to the last before the next one, which lists all that waits.
DISTANCE = {n: timedelta(seconds=10 * 2 ** (n - FREE)) for n in range(FREE, MOST)}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a person has had, or that is on its way."""

    at: datetime
    joinable: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to be: its notices, oldest first, and why it goes so."""

    notices: tuple[Pending, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Held:
    """A notice that waits, until when at the latest, and why."""

    notice: Pending
    until: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    parcels: tuple[Parcel, ...]
    held: tuple[Held, ...]


def plan(pending: Sequence[Pending], history: Sequence[Sent], now: datetime) -> Plan:
    """Of one person's `pending` notices what goes now and what waits. `history` covers the last ten minutes."""
    sent = sorted((s for s in history if s.at > now - WINDOW), key=lambda s: s.at)
    parcels: list[Parcel] = []
    held: list[Held] = []
    ordered = sorted(pending, key=lambda n: (n.created_at, n.id))
    for drill in (False, True):
        of_sort = [n for n in ordered if (n.kind is NoticeKind.DRILL) is drill]
        ready, waiting = _by_minute(of_sort, sent, now)
        held += waiting
        # The real thing is planned first: a drill never uses up the messages that an alarm would have had.
        _spend(ready, waiting, sent, parcels, held, now)
    return Plan(tuple(parcels), tuple(held))


def _by_minute(notices: list[Pending], sent: list[Sent], now: datetime) -> tuple[list[list[Pending]], list[Held]]:
    """Bundles that may go, each a message, and the joinable ones that wait for the minute to be over."""
    alone = [[n] for n in notices if n.kind not in JOINABLE]
    joinable = [n for n in notices if n.kind in JOINABLE]
    if not joinable:
        return alone, []
    last = max((s.at for s in sent if s.joinable), default=None)
    if last is not None and last > now - MINUTE:
        return alone, [Held(n, last + MINUTE, Reason.HELD_MINUTE) for n in joinable]
    return [*alone, joinable], []


def _spend(
    ready: list[list[Pending]],
    waiting: list[Held],
    sent: list[Sent],
    parcels: list[Parcel],
    held: list[Held],
    now: datetime,
) -> None:
    """Turn bundles into messages as the storm rule allows; `sent`, `parcels` and `held` grow in place."""
    while ready:
        if len(sent) + len(ready) <= FREE:
            bundle = ready.pop(0)
        else:
            opens = _opens(sent)
            if opens > now:
                held += [Held(n, opens, Reason.HELD_STORM) for b in ready for n in b]
                return
            bundle = [n for b in ready for n in b]
            ready = []
            # Whoever waits for the minute rides along: the message goes anyway.
            bundle = sorted([*bundle, *(h.notice for h in waiting)], key=lambda n: (n.created_at, n.id))
            held[:] = [h for h in held if h not in waiting]
        parcels.append(Parcel(tuple(bundle), Reason.ALONE if len(bundle) == 1 else Reason.JOINED))
        sent.append(Sent(now, any(n.kind in JOINABLE for n in bundle)))


def _opens(sent: list[Sent]) -> datetime:
    """When the next message may go, by the messages of the last ten minutes, oldest first."""
    if len(sent) < FREE:
        return _LONG_AGO
    if len(sent) >= MOST:
        return sent[len(sent) - MOST].at + WINDOW
    return sent[-1].at + DISTANCE[len(sent)]
