"""What asks an address outside by HTTP, and is not led from there to another one.

Whoever answers could else send us to an address inside the plant that he cannot reach himself, or let a POST arrive
nowhere: after a redirect it is a GET without its body, which looks as if it had been taken.
"""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError

#: Those of urllib's that speak HTTP, without the one that follows redirects.
_HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.UnknownHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPErrorProcessor,
)
#: No more of an address is told on: it is written by whoever answered.
_TOLD = 200


class Redirected(OSError):
    """The answer was another address, which is not asked."""


@contextmanager
def asked(request: urllib.request.Request | str, timeout_s: float) -> Iterator[Any]:
    """The answer, with a status of 2xx. Raises OSError, of which HTTPError is one, HTTPException and ValueError."""
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    try:
        answer = opener.open(request, timeout=timeout_s)
    except HTTPError as e:
        if not 300 <= e.code < 400:
            raise
        with e:
            to = ascii(e.headers.get("Location", "nowhere"))[1:-1]
        raise Redirected(f"answered {e.code} to {to[:_TOLD]}, which is not followed") from e
    with answer:
        yield answer
