"""Each declared route becomes a view under /api/v1."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import flask
import msgspec
from werkzeug.wrappers import Response

from threenos_server.api import Answer, Call, Route, Routes
from threenos_server.errors import NotFound
from threenos_server.http import asking, decoding
from threenos_server.http.server import API, server

_PART = re.compile(r"\{(\w+)\}")


def register(app: flask.Flask, declared: Iterable[Routes]) -> None:
    """Add a view for every route of every domain."""
    for routes in declared:
        for route in routes.routes:
            rule = API + _PART.sub(r"<\1>", route.path)
            app.add_url_rule(rule, f"{route.method} {route.path}", _view(route), methods=[route.method])


def _view(route: Route) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        asked = asking.admit(route)
        if any("\0" in part for part in path.values()):
            raise NotFound("nothing has a NUL in its name")
        request = flask.request
        call = Call(
            db=server().db,
            now=server().now(),
            actor=asked.actor,
            site=asked.site,
            keys=server().keys,
            path=path,
            query=decoding.query(request, route.query),
            body=decoding.body(request, route),
            version=decoding.version(request),
            idempotency_key=decoding.idempotency_key(request),
            hosts=server().hosts,
        )
        return _respond(route.handler(call), route)

    return view


def _respond(result: Any, route: Route) -> Response:
    if isinstance(result, Response):
        return result
    answer = result if isinstance(result, Answer) else Answer(result, route.status)
    if answer.body is None:
        response = flask.Response(status=204 if answer.status == 200 else answer.status)
    else:
        raw = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
        response = flask.Response(raw, answer.status, mimetype=answer.media_type)
    if answer.version is not None:
        response.headers["ETag"] = f'"{answer.version}"'
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response
