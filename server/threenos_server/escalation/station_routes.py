"""GET /stations: what there is of each station: its credentials, its presence, and how well it is heard."""

from datetime import datetime

import msgspec

from threenos_server.access import EVERYBODY, Role
from threenos_server.api import Call, Routes
from threenos_server.escalation import stations
from threenos_server.people import stations as credentials
from threenos_server.people.views import StationName

ROUTES = Routes("stations")


class StationView(msgspec.Struct, frozen=True):
    """A station of the chain; line, process and name are null when the chain has it no more.

    `online` is null for one that was never heard. `outbox` is how many events it holds back, as it last said;
    `missing` how many numbers of its sequences never came. `clock_skew_ms` is how far its clock was ahead at its last
    event of late: 0 within two seconds, null when it has said nothing lately.
    """

    id: str
    site: str
    line: str | None
    process: str | None
    name: StationName | None
    enrolled_at: datetime | None
    revoked_at: datetime | None
    online: bool | None
    heard_at: datetime | None
    silent_since: datetime | None
    outbox: int | None
    version: str | None
    missing: int
    clock_skew_ms: int | None


@ROUTES.route(
    "GET", "/stations", summary="The stations: credentials, presence, outbox, clock and holes",
    allow=EVERYBODY - {Role.WORKER}, answer=list[StationView],
)  # fmt: skip
def every(call: Call) -> list[StationView]:
    with call.db.read() as session:
        enrolled = credentials.every(session, call.site)
        heard = stations.heard(session, call.site, call.now)
    return [_view(s, heard.get(s.id, stations.NEVER)) for s in enrolled]


def _view(s: credentials.Enrolled, heard: stations.Heard) -> StationView:
    known = s.station
    name = StationName(known.name.en, known.name.zh) if known else None
    return StationView(
        s.id, s.site, known.line if known else None, known.process if known else None, name, s.enrolled_at,
        s.revoked_at, heard.online, heard.at, heard.silent_since, heard.outbox, heard.version, heard.missing,
        heard.clock_skew_ms,
    )  # fmt: skip
