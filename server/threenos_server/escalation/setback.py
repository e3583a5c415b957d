"""The server's clock was ahead and was set back: without this, whatever it had dated would wait until the time that it
had shown, be it a day. Deadlines and notices come as much earlier as the clock went back.

A clock that goes forward needs nothing: what was to come is due, at worst too early.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from threenos_server.beats import last_beat
from threenos_server.complaints import service as complaints
from threenos_server.escalation import presence
from threenos_server.notify import service as notices

#: More than the clocks of several servers of one plant may differ.
TOLERANCE = timedelta(seconds=5)


def went_back(session: Session, name: str, before: datetime | None, now: datetime) -> timedelta | None:
    """By how much the clock went back since `before`, or (None) since the last beat of the service `name`."""
    before = before or last_beat(session, name)
    return before - now if before is not None and before - now > TOLERANCE else None


def set_back(session: Session, site: str, back: timedelta, now: datetime) -> int:
    """Date anew what is dated after `now`; how many rows that made. Takes the site's lock."""
    written = complaints.set_back(session, site, back, now)
    notices.set_back(session, site, back, now)
    presence.set_back(session, site, now)
    return written
