"""What every response carries: a request id, the browser's restrictions, and one line in the log."""

import re
import time

import flask
import structlog

from threenos_server.http.server import API, secure
from threenos_wire.ids import new_id

#: Everything comes from here and nothing is inline; photos not yet uploaded are blobs.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
#: A camera is used at the stations' own pages only.
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})

log = structlog.get_logger("http")


def register(app: flask.Flask) -> None:
    app.before_request(_begin)
    app.after_request(_restrict)
    app.after_request(_log)


def _begin() -> None:
    given = flask.request.headers.get("X-Request-Id", "")
    flask.g.request_id = given if _ID.match(given) else new_id()
    flask.g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=flask.g.request_id)


def _restrict(response: flask.Response) -> flask.Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["X-Request-Id"] = flask.g.request_id
    if flask.request.path.startswith(API):
        headers.setdefault("Cache-Control", "no-store")
    if secure():
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def _log(response: flask.Response) -> flask.Response:
    """Neither the query nor the path's own words are logged: both may hold a token or a name."""
    rule = flask.request.url_rule.rule if flask.request.url_rule else None
    if rule is None or rule.removeprefix(API) not in _QUIET:
        took = round((time.perf_counter() - flask.g.began) * 1000, 1)
        where = flask.request.remote_addr
        log.info(
            "request", method=flask.request.method, route=rule, status=response.status_code, ms=took, address=where
        )
    return response
