"""Is it alive, is it ready, and the OpenAPI document; under /api/v1 and, for probes, without it."""

import flask
import msgspec
import sqlalchemy as sa

from threenos_server import beats
from threenos_server.http import metrics, openapi
from threenos_server.http.server import API, server
from threenos_wire.instants import format_instant


def register(app: flask.Flask) -> None:
    for path, view in (
        ("/health/live", _live),
        ("/health/ready", _ready),
        ("/metrics", metrics.exposition),
        ("/openapi.json", _openapi),
    ):
        for prefix in ("", API):
            app.add_url_rule(prefix + path, f"{prefix}{path}", view, methods=["GET"])


def _live() -> flask.Response:
    return _json({"live": True}, 200)


def _ready() -> flask.Response:
    """200, or 503 that names what is not ready and since when."""
    missing = _missing()
    return _json({"ready": not missing, "missing": missing}, 503 if missing else 200)


def _missing() -> dict[str, str]:
    s = server()
    try:
        if reason := s.misfit(s.db):
            return {"migrations": reason}
        with s.db.read() as session:
            silent = beats.silent(session, s.beats, s.now())
    except sa.exc.SQLAlchemyError as e:
        return {"database": f"does not answer: {type(e).__name__}"}
    return {
        name: f"not heard since {format_instant(at)}" if at else "never heard; is it running?"
        for name, at in silent.items()
    }


def _openapi() -> flask.Response:
    return _json(openapi.document(server().routes), 200)


def _json(body: object, status: int) -> flask.Response:
    return flask.Response(msgspec.json.encode(body), status, mimetype="application/json")
