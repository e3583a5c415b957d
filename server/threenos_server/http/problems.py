"""Errors as RFC 9457 problem details, in this one place."""

import re
from typing import Any

import flask
import msgspec
import sqlalchemy as sa
import structlog
from werkzeug.exceptions import HTTPException

from threenos_server.errors import Conflict, Fault, ThreenosError, TooMany, Unfinished

MEDIA_TYPE = "application/problem+json"
_KEY = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"^Object (?:contains unknown|missing required) field `([^`]*)`")

log = structlog.get_logger("http")


def register(app: flask.Flask) -> None:
    """Answer every error of the app with a problem."""
    app.register_error_handler(ThreenosError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(sa.exc.OperationalError, _database_away)
    app.register_error_handler(sa.exc.DataError, _beyond)
    app.register_error_handler(OverflowError, _beyond)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _broken)


def problem(
    status: int, title: str, detail: str, kind: str = "about:blank", **more: Any
) -> flask.Response:  # fmt: skip
    """A response that says what happened and what to do about it."""
    body = {"type": kind, "title": title, "status": status, "detail": detail} | more
    return flask.Response(msgspec.json.encode(body), status, mimetype=MEDIA_TYPE)


def faults_of(error: msgspec.ValidationError, where: str = "") -> Fault:
    """The fault behind a message of msgspec, with a JSON pointer to the place below `where`."""
    detail, _, path = str(error).partition(" - at `$")
    parts = [key or index for key, index in _KEY.findall(path.rstrip("`"))]
    named = _NAMED.match(detail)
    if named:
        parts.append(named[1])
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
    return Fault(where + pointer, detail)


def _refused(error: ThreenosError) -> flask.Response:
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    more: dict[str, Any] = {}
    if error.faults:
        more["errors"] = [_fault(f) for f in error.faults]
    if isinstance(error, Conflict) and error.present is not None:
        more["present"] = error.present
    if isinstance(error, Unfinished):
        more["lacks"] = error.lacks
    answer = problem(error.status, error.title, error.detail, f"urn:threenos:{kind}", **more)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="threenos"'
    return answer


def _fault(fault: Fault) -> dict[str, str]:
    """RFC 9457 writes a pointer as a fragment; what is no pointer is a query parameter or a line of a file."""
    if fault.where.startswith("/") or not fault.where:
        return {"pointer": f"#{fault.where}", "detail": fault.detail}
    if fault.where.startswith("?"):
        return {"parameter": fault.where[1:], "detail": fault.detail}
    return {"where": fault.where, "detail": fault.detail}


def _http(error: HTTPException) -> flask.Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    answer = problem(error.code, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


def _database_away(error: sa.exc.OperationalError) -> flask.Response:
    log.error("database away", error=str(error.orig))
    answer = problem(503, "Service Unavailable", "the database does not answer; nothing was changed, try again")
    answer.headers["Retry-After"] = "2"
    return answer


def _beyond(error: Exception) -> flask.Response:
    """A number or an instant that no column can hold is the asker's; each database says so in its own way."""
    log.warning("value beyond the database", error=str(error))
    return problem(422, "Invalid", "a number or an instant is out of range", "urn:threenos:invalid")


def _too_deep(error: RecursionError) -> flask.Response:
    """A document may be just flat enough to be read, and too deep for whoever reads on."""
    log.warning("document nested too deeply", error=str(error))
    return problem(422, "Invalid", "the document is nested too deeply", "urn:threenos:invalid")


def _broken(error: Exception) -> flask.Response:
    log.error("request given up", exc_info=error)
    return problem(500, "Internal Server Error", "this is a fault of ours; the log names it by the X-Request-Id")
