"""The query and the body of a request, in the shapes that its route declares."""

from functools import cache
from typing import Any

import msgspec
from flask import Request
from gunicorn.http.errors import ParseException
from msgspec.inspect import CollectionType, StructType, UnionType, type_info
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from threenos_server.api import Route
from threenos_server.errors import Fault, Invalid
from threenos_server.http.problems import faults_of
from threenos_wire.decode import has_nul

MAX_JSON_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 8 * 1024 * 1024
_MAX_KEY = 128


def query(request: Request, shape: type) -> Any:
    """The query without `site`. Raises Invalid, naming the parameter."""
    many = _lists(shape)
    values: dict[str, Any] = {}
    for name, given in request.args.lists():
        if name == "site":
            continue
        if any("\0" in value for value in given):
            raise Invalid(f"{name} contains NUL", Fault(f"?{name}", "no text may contain NUL"))
        if name not in many and len(given) > 1:
            raise Invalid(f"{name} may be given once", Fault(f"?{name}", "given more than once"))
        values[name] = given if name in many else given[0]
    try:
        return msgspec.convert(values, type=shape, strict=False)
    except msgspec.ValidationError as e:
        fault = faults_of(e)
        name = fault.where.split("/")[1] if fault.where else ""
        raise Invalid(f"the query is not understood: {e}", Fault(f"?{name}", fault.detail)) from e


def body(request: Request, route: Route) -> Any:
    """The body as declared: bytes as they are, else JSON. Raises Invalid, or an HTTP error for no JSON at all."""
    request.max_content_length = limit = MAX_UPLOAD_BYTES if route.body is bytes else MAX_JSON_BYTES
    try:
        raw = request.get_data(cache=False)
    except (OSError, ParseException) as e:  # a connection that ended before the body did, or chunks that are none
        raise BadRequest("the body did not come whole") from e
    if request.content_length is None and len(raw) >= limit:
        raise RequestEntityTooLarge  # a chunked body is cut at the limit without a word
    if route.body is bytes:
        return raw
    if route.body is None:
        if raw.strip() not in (b"", b"{}"):
            raise Invalid("this takes no body", Fault("", "leave it out"))
        return None
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send it as application/json")
    if has_nul(raw):
        raise Invalid("a text contains NUL", Fault("", "no text may contain NUL"))
    try:
        return msgspec.json.decode(raw, type=route.body)
    except msgspec.ValidationError as e:
        raise Invalid(f"the body is not understood: {e}", faults_of(e)) from e
    except (msgspec.DecodeError, RecursionError, ValueError) as e:
        raise BadRequest(f"the body is not JSON: {e}") from e


def version(request: Request) -> int | None:
    """The version in If-Match, as in `"7"`; None without one. Raises Invalid."""
    text = request.headers.get("If-Match")
    if text is None or text.strip() == "*":
        return None
    number = text.strip().removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid('If-Match is the ETag that was answered, as in "7"', Fault("If-Match", f"not {text!r}"))
    return int(number)


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key; None without one. Raises Invalid."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= _MAX_KEY and key.isascii() and key.isprintable()):
        raise Invalid("Idempotency-Key has 1 to 128 printable characters", Fault("Idempotency-Key", "not usable"))
    return key


@cache
def _lists(shape: type) -> frozenset[str]:
    """The parameters that may be given several times."""
    info = type_info(shape)
    if not isinstance(info, StructType):
        return frozenset()
    return frozenset(f.encode_name for f in info.fields if _is_list(f.type))


def _is_list(kind: msgspec.inspect.Type) -> bool:
    if isinstance(kind, UnionType):
        return any(_is_list(t) for t in kind.types)
    return isinstance(kind, CollectionType)
