"""The outbox: write notices, claim what may go out, mark what became of it, look at it.

A notice is marked sent only after it was handed over. Whoever claims one holds a lease on it; a sender that dies
between sending and marking lets the lease run out, and the notice is sent again: told twice at worst, never lost.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.journal.service import lock
from threenos_server.notify.group import WINDOW, Parcel, Sent, plan
from threenos_server.notify.model import (
    JOINABLE,
    MAX_ATTEMPTS,
    Draft,
    NoticeKind,
    NoticeState,
    Pending,
    Reason,
    SendFailed,
    backoff,
)
from threenos_server.notify.tables import Notice
from threenos_wire.ids import new_id

#: Longer than a message takes to be handed over: a live sender keeps what it holds, and what a dead one held waits no
#: longer than this.
LEASE = timedelta(minutes=1)
_HELD = (Reason.NEW, Reason.HELD_MINUTE, Reason.HELD_STORM)
_OPEN = (NoticeState.WAITING, NoticeState.SENDING)


Key = tuple[str, str]
"""Site and person id."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message to be sent by whoever claimed it. `id` stands in each of its notices."""

    id: str
    site: str
    person: str
    notices: tuple[Pending, ...]


def write(session: Session, site: str, drafts: Iterable[Draft], now: datetime) -> int:
    """Put notices into the outbox, in the transaction of what they tell about; how many.

    One for whom there is no address, or no person, is written all the same, so that it is seen at the desk.
    """
    rows = [_row(site, draft, now) for draft in drafts]
    if rows:
        session.execute(sa.insert(Notice), rows)
    return len(rows)


def _row(site: str, draft: Draft, now: datetime) -> dict[str, Any]:
    state, reason = NoticeState.WAITING, Reason.NEW
    if draft.person is None:
        state, reason = NoticeState.NO_ADDRESS, Reason.NOBODY
    elif not draft.reachable:
        state, reason = NoticeState.NO_ADDRESS, Reason.NO_ADDRESS
    return {
        "id": new_id(),
        "site": site,
        "person": draft.person,
        "role": draft.role,
        "kind": draft.kind,
        "complaint": draft.complaint,
        "line": draft.line,
        "params": msgspec.json.encode(draft.params).decode(),
        "created_at": now,
        "next_try_at": now,
        "state": state,
        "reason": reason,
    }


def waiting_for(
    session: Session, now: datetime, busy: Collection[tuple[str, str]], limit: int
) -> list[tuple[str, str]]:
    """Up to `limit` (site, person) for whom something is due and who are not in `busy`, longest waiting first."""
    due = (
        sa.select(Notice.site, Notice.person)
        .where(Notice.state.in_(_OPEN), Notice.next_try_at <= now, Notice.person.is_not(None))
        .group_by(Notice.site, Notice.person)
        .order_by(sa.func.min(Notice.next_try_at))
        .limit(limit + len(busy))
    )
    found = [(r.site, r.person) for r in session.execute(due)]
    return [key for key in found if key not in busy][:limit]


def claim(session: Session, site: str, persons: Iterable[str], now: datetime) -> list[Claimed]:
    """Plan what these persons get now, and take it: nobody else sends it while the lease holds.

    The site's lock keeps two senders from counting the same messages and both allowing the tenth.
    """
    lock(session, site)
    claimed: list[Claimed] = []
    for person in persons:
        planned = plan(_pending(session, site, person, now), _history(session, site, person, now), now)
        for (until, reason), together in groupby(planned.held, lambda h: (h.until, h.reason)):
            _set(session, [h.notice.id for h in together], state=NoticeState.WAITING, next_try_at=until, reason=reason)
        claimed += [_take(session, site, person, parcel, now) for parcel in planned.parcels]
    return claimed


def _take(session: Session, site: str, person: str, parcel: Parcel, now: datetime) -> Claimed:
    message = new_id()
    _set(
        session,
        [n.id for n in parcel.notices],
        state=NoticeState.SENDING,
        message=message,
        next_try_at=now + LEASE,
        reason=parcel.reason,
        attempts=Notice.attempts + 1,
    )
    return Claimed(message, site, person, parcel.notices)


def renew(session: Session, message: str, now: datetime) -> bool:
    """Take the lease anew; False when it ran out and somebody else has the message."""
    still_ours = (Notice.message == message, Notice.state == NoticeState.SENDING, Notice.next_try_at > now)
    done = session.execute(sa.update(Notice).where(*still_ours).values(next_try_at=now + LEASE).returning(Notice.id))
    return done.first() is not None


def set_back(session: Session, site: str, back: timedelta, now: datetime) -> None:
    """The clock was ahead and went `back`: what it dated after `now` is dated so much earlier."""
    for column, which in (
        (Notice.next_try_at, Notice.state.in_(_OPEN)), (Notice.created_at, Notice.state.in_(_OPEN)),
        (Notice.sent_at, sa.true()),
    ):  # fmt: skip
        earlier = sa.type_coerce(column, sa.BigInteger) - back // timedelta(milliseconds=1)
        session.execute(sa.update(Notice).where(Notice.site == site, which, column > now).values({column: earlier}))


def sent(session: Session, message: str, now: datetime, remark: str | None = None) -> None:
    """It was handed over. `remark` says which of the person's addresses did not take it."""
    values = {"state": NoticeState.SENT, "sent_at": now, "error": remark and _kept(remark)}
    session.execute(sa.update(Notice).where(Notice.message == message).values(values))


def failed(session: Session, claimed: Claimed, failure: SendFailed, now: datetime, chance: float) -> None:
    """It was not handed over: try again later, or give it up where it is seen."""
    for n in claimed.notices:
        attempts = n.attempts + 1
        values: dict[str, Any] = {"error": _kept(failure.detail), "message": None}
        if failure.permanent or attempts >= MAX_ATTEMPTS:
            values |= {
                "state": NoticeState.DEAD,
                "reason": Reason.PERMANENT if failure.permanent else Reason.GAVE_UP,
            }
        else:
            again = now + backoff(attempts, chance)
            values |= {"state": NoticeState.WAITING, "reason": Reason.TEMPORARY, "next_try_at": again}
        still_ours = (Notice.id == n.id, Notice.message == claimed.id, Notice.state == NoticeState.SENDING)
        session.execute(sa.update(Notice).where(*still_ours).values(values))


def _kept(error: str) -> str:
    """As much of it as is shown, without what no database keeps: a message that cannot be marked is sent for ever."""
    return error.replace("\0", "␀").encode(errors="replace").decode()[:500]


def unreachable(session: Session, message: str) -> None:
    """The person has no address any more."""
    values = {"state": NoticeState.NO_ADDRESS, "reason": Reason.NO_ADDRESS}
    still_ours = (Notice.message == message, Notice.state == NoticeState.SENDING)
    session.execute(sa.update(Notice).where(*still_ours).values(values))


def waiting(session: Session) -> dict[tuple[str, str], int]:
    """How many notices have not been delivered yet, by (site, reason): for the metrics."""
    query = sa.select(Notice.site, Notice.reason, sa.func.count()).where(Notice.state.in_(_OPEN))
    return {(r[0], r[1]): r[2] for r in session.execute(query.group_by(Notice.site, Notice.reason))}


def _set(session: Session, ids: Sequence[str], **values: Any) -> None:
    session.execute(sa.update(Notice).where(Notice.id.in_(ids), Notice.state.in_(_OPEN)).values(values))


def _pending(session: Session, site: str, person: str, now: datetime) -> list[Pending]:
    """What is due, and what waits only because of the grouping: it rides along with what goes now."""
    open_to_us = sa.or_(
        Notice.next_try_at <= now, sa.and_(Notice.state == NoticeState.WAITING, Notice.reason.in_(_HELD))
    )
    query = sa.select(Notice).where(Notice.site == site, Notice.person == person, Notice.state.in_(_OPEN), open_to_us)
    return [_as_pending(n, person) for n in session.scalars(query)]


def _as_pending(n: Notice, person: str) -> Pending:
    params = msgspec.json.decode(n.params)
    return Pending(n.id, person, NoticeKind(n.kind), n.created_at, n.attempts, params, n.complaint, n.line)


def _history(session: Session, site: str, person: str, now: datetime) -> list[Sent]:
    """The messages of the last ten minutes, those that somebody is just sending included."""
    claimed_since = sa.and_(Notice.state == NoticeState.SENDING, Notice.next_try_at > now)
    query = sa.select(Notice.message, Notice.kind, Notice.sent_at, Notice.next_try_at).where(
        Notice.site == site,
        Notice.person == person,
        sa.or_(Notice.sent_at > now - WINDOW, claimed_since),
    )
    messages: dict[str, tuple[datetime, set[bool]]] = {}
    for r in session.execute(query):
        _, joinable = messages.setdefault(r.message, (r.sent_at or r.next_try_at - LEASE, set()))
        joinable.add(r.kind in JOINABLE)
    return [Sent(at, True in joinable, False in joinable) for at, joinable in messages.values()]
