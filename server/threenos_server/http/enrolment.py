"""Enrolling a station. Here and not in `people`, because its file names the addresses at which we are reached."""

import flask

from threenos_server.api import Answer, Call, Routes
from threenos_server.chain import service as chain_service
from threenos_server.errors import NotFound
from threenos_server.http.server import server
from threenos_server.people import stations
from threenos_server.people.station_file import station_toml
from threenos_server.people.station_routes import WRITERS, check_reach
from threenos_server.people.views import Credentials

ROUTES = Routes("stations")


@ROUTES.route(
    "POST", "/stations/{station}/credentials", summary="Give a station new credentials; its old ones are void",
    allow=WRITERS, answer=Credentials, status=201,
)  # fmt: skip
def enroll(call: Call) -> Answer:
    # First, since it may fail, and must then not have made void the credentials that work.
    where = server().reached(flask.request.host_url.rstrip("/"))
    with call.db.write() as session:
        known = chain_service.current(session, call.site).stations.get(call.path["station"])
        if known is None:
            raise NotFound(f"there is no station {call.path['station']!r} in the chain")
        check_reach(call, known.line)
        new = stations.enroll(session, call.site, known.id, call.now)
    body = Credentials(
        new.station, new.site, new.station, new.password, new.upload_token, where.host, where.port, where.tls,
        where.url, station_toml(new, where),
    )  # fmt: skip
    return Answer(body, 201)
