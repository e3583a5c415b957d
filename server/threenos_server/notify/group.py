"""Which notices of one person go out now, in which messages, and which wait. Pure.

Nobody gets more than MOST messages in any WINDOW, and each notice is told in a message that lists it.

- *Urgent* is what concerns a stop, a call or an escalation. It goes at once, each by itself, up to FREE such messages
  in the window. After those all that waits for the person is joined into one message that lists it, at the DISTANCES to
  the one before. So whoever had fewer is told of a stop at once, and nobody later than LONGEST.
- *Joinable* is what concerns rejects, reminders and the like: at most one message a MINUTE, listing all, and at most
  JOINABLE_MOST in the window, at the JOINABLE_DISTANCES, so that they never use up what a stop needs. What was held for
  that goes along with the next urgent message.

Drills and the real thing are never in one message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from threenos_server.notify.model import JOINABLE, NoticeKind, Pending, Reason

MINUTE = timedelta(minutes=1)
WINDOW = timedelta(minutes=10)
MOST, JOINABLE_MOST = 10, 5
#: So many urgent messages within the window go out one by one.
FREE = 5
#: The distance of each message after those to the one before; and of joinable ones, after the first.
DISTANCES = tuple(timedelta(seconds=s) for s in (10, 20, 120, 150, 150))
JOINABLE_DISTANCES = tuple(timedelta(seconds=s) for s in (60, 135, 135, 135))
#: Follows from the rules for what is urgent; a test holds them to it.
LONGEST = timedelta(minutes=3)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a person has had, or that is on its way: whether it lists something joinable, something urgent."""

    at: datetime
    joinable: bool
    urgent: bool


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
    desk = _Desk(sorted((s for s in history if s.at > now - WINDOW), key=lambda s: s.at), now)
    ordered = sorted(pending, key=lambda n: (n.created_at, n.id))
    # The real thing is planned first: a drill never uses up the messages that an alarm would have had.
    for drill in (False, True):
        of_sort = [n for n in ordered if (n.kind is NoticeKind.DRILL) is drill]
        joinable = [n for n in of_sort if n.kind in JOINABLE]
        rode_along = desk.urgent([n for n in of_sort if n.kind not in JOINABLE], joinable)
        if joinable and not rode_along:
            desk.joinable(joinable)
    return Plan(tuple(desk.parcels), tuple(desk.held))


class _Desk:
    """Turns notices into messages; `sent` has those of the window, oldest first, with the ones that go now."""

    def __init__(self, sent: list[Sent], now: datetime) -> None:
        self.parcels: list[Parcel] = []
        self.held: list[Held] = []
        self._sent, self._now = sent, now

    def urgent(self, notices: list[Pending], others: list[Pending]) -> bool:
        """Send them one by one, or joined, or hold them; True when the joinable `others` went along."""
        had = sum(s.urgent for s in self._sent)
        if not notices:
            return False
        if had + len(notices) <= FREE:
            along = others if self._joinable_opens() > max(self._now, self._minute_over()) else []
            for notice in notices[:-1]:
                self._send([notice])
            self._send([notices[-1], *along])
            return bool(along)
        opens = _LONG_AGO if had < FREE else _opens(self._sent, DISTANCES, MOST)
        if opens > self._now:
            self._hold(notices, opens, Reason.HELD_STORM)
            return False
        self._send([*notices, *others])
        return bool(others)

    def joinable(self, notices: list[Pending]) -> None:
        """Send them in one message, or hold them: for the minute, or because there were many messages lately."""
        minute, opens = self._minute_over(), self._joinable_opens()
        if max(minute, opens) <= self._now:
            self._send(notices)
        elif minute >= opens:
            self._hold(notices, minute, Reason.HELD_MINUTE)
        else:
            self._hold(notices, opens, Reason.HELD_STORM)

    def _minute_over(self) -> datetime:
        return max((s.at for s in self._sent if s.joinable), default=_LONG_AGO) + MINUTE

    def _joinable_opens(self) -> datetime:
        """When what is joinable may have a message of its own, as far as there were many lately."""
        opens = _opens([s for s in self._sent if not s.urgent], JOINABLE_DISTANCES, JOINABLE_MOST)
        if sum(s.urgent for s in self._sent) >= FREE:
            return max(opens, _opens(self._sent, DISTANCES, MOST))
        return opens

    def _send(self, notices: list[Pending]) -> None:
        ordered = sorted(notices, key=lambda n: (n.created_at, n.id))
        self.parcels.append(Parcel(tuple(ordered), Reason.ALONE if len(ordered) == 1 else Reason.JOINED))
        joinable = {n.kind in JOINABLE for n in ordered}
        self._sent.append(Sent(self._now, True in joinable, False in joinable))

    def _hold(self, notices: list[Pending], until: datetime, reason: Reason) -> None:
        self.held += [Held(n, until, reason) for n in notices]


def _opens(sent: Sequence[Sent], distances: Sequence[timedelta], most: int) -> datetime:
    """When the next message may follow these of the last ten minutes, of which there may be `most`.

    The last of the `distances` belongs to the last message that there may be, and so on backwards.
    """
    if len(sent) >= most:
        return sent[len(sent) - most].at + WINDOW
    first = most - len(distances)
    return sent[-1].at + distances[len(sent) - first] if len(sent) >= first else _LONG_AGO
