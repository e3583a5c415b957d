"""OpenAPI 3.1 out of the declared routes. Pure: the same routes give the same document."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.inspect import StructType, type_info

from threenos_server import __version__
from threenos_server.api import Route, Routes
from threenos_server.http.server import API, COOKIE, CSRF_HEADER

Json = dict[str, Any]
_PART = re.compile(r"\{(\w+)\}")
_REF = "#/components/schemas/{name}"
_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "parameter", "where", "detail")},
            },
        },
        "present": {"type": "object", "description": "on a conflict: the state as it stands"},
        "lacks": {"type": "string", "description": "with `urn:threenos:unfinished`: what a sign-in still lacks"},
    },
}


def document(declared: Sequence[Routes]) -> Json:
    """The document of all routes of all domains."""
    routes = [(routes.tag, route) for routes in declared for route in routes.routes]
    wanted = list(dict.fromkeys(t for _, route in routes for t in (route.body, route.answer) if _has_schema(t)))
    schemas, components = msgspec.json.schema_components(wanted, ref_template=_REF)
    shapes = _Shapes(wanted, list(schemas))
    paths: dict[str, Json] = {}
    for tag, route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(tag, route, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Threenos", "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": API}],
        "tags": [{"name": routes.tag} for routes in declared],
        "paths": paths,
        "components": {
            "schemas": components | {"Problem": _PROBLEM},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "board": {"type": "http", "scheme": "bearer", "description": "a board token; reads the board only"},
            },
        },
    }


class _Shapes:
    """Types (which need not be hashable) to their schemas."""

    def __init__(self, types: Sequence[Any], schemas: Sequence[Json]) -> None:
        self._known = list(zip(types, schemas, strict=True))

    def of(self, wanted: Any) -> Json:
        return next((schema for t, schema in self._known if t == wanted), {})


def _has_schema(shape: Any) -> bool:
    return shape is not None and shape is not bytes and shape is not Any


def _operation(tag: str, route: Route, shapes: _Shapes) -> Json:
    operation: Json = {
        "tags": [tag],
        "summary": route.summary,
        "operationId": _operation_id(route),
        "parameters": list(_parameters(route)),
        "responses": _responses(route, shapes),
    }
    if route.body is not None:
        media = "application/octet-stream" if route.body is bytes else "application/json"
        operation["requestBody"] = {"required": True, "content": {media: {"schema": shapes.of(route.body)}}}
    if route.allow is None:
        operation["security"] = []
    else:
        operation["security"] = [{"session": []}] + ([{"board": []}] if route.board else [])
        operation["x-roles"] = sorted(route.allow)
    return operation


def _operation_id(route: Route) -> str:
    words = re.findall(r"\w+", route.path)
    return "_".join([route.method.lower(), *words]).replace("-", "_")


def _parameters(route: Route) -> Iterator[Json]:
    for name in _PART.findall(route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if route.needs_site:
        yield {
            "name": "site", "in": "query", "schema": {"type": "string"},
            "description": "may be left out when there is one site",
        }  # fmt: skip
    yield from _query(route)
    if route.method != "GET":
        yield {"name": CSRF_HEADER, "in": "header", "schema": {"type": "string"}, "description": "with the cookie"}
        yield {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 128}}
        yield {"name": "If-Match", "in": "header", "schema": {"type": "string"}}


def _query(route: Route) -> Iterator[Json]:
    info = type_info(route.query)
    if not isinstance(info, StructType):
        return
    (schema,), components = msgspec.json.schema_components([route.query], ref_template=_REF)
    properties = components[schema["$ref"].rsplit("/", 1)[1]].get("properties", {})
    for field in info.fields:
        inlined = _inline(properties[field.encode_name], components)
        yield {"name": field.encode_name, "in": "query", "required": field.required, "schema": inlined}


def _inline(schema: Any, components: Json) -> Any:
    """A query parameter's schema without references, since enumerations of queries are in no body."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inline(components[schema["$ref"].rsplit("/", 1)[1]], components)
        return {key: _inline(value, components) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inline(value, components) for value in schema]
    return schema


def _responses(route: Route, shapes: _Shapes) -> Json:
    problem = {"content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}}
    status = 204 if route.answer is None and route.status == 200 else route.status
    good: Json = {"description": route.summary}
    if route.answer is bytes:
        good["content"] = {"*/*": {}}
    elif route.answer is not None:
        good["content"] = {"application/json": {"schema": shapes.of(route.answer)}}
    responses: Json = {str(status): good}
    for code, meaning in _refusals(route):
        responses[code] = {"description": meaning} | problem
    return responses


def _refusals(route: Route) -> Iterable[tuple[str, str]]:
    if route.allow is not None:
        yield "401", "nobody is signed in"
        yield "403", "the role or its scope does not allow it"
    yield "404", "there is no such thing"
    if route.method != "GET":
        yield "409", "somebody was faster, or the state does not allow it"
        yield "413", "too large"
    yield "422", "not understood; `errors` says where"
    yield "429", "too often; `Retry-After` says when"
    yield "503", "the database does not answer, or this machine lacks a package that `detail` names"
