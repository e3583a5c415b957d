"""What goes out: whom we may ask, and how an address is asked by HTTP without being led from there to another one.

Whoever answers could else send us to an address inside the plant that he cannot reach himself, or let a POST arrive
nowhere: after a redirect it is a GET without its body, which looks as if it had been taken.
"""

import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
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


#: A name, or with a dot in front everything below it.
_NAME = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Whom we may ask, as the setting notice_hosts lists them; everybody when it lists nobody.

    `chat.plant` is that host, `.plant` every one below that name, `10.1.2.3` and `10.1.0.0/16` are addresses. A name is
    none of the addresses that it has: what is asked by name is looked for among the names. Raises ValueError.
    """

    listed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for entry in self.listed:
            if not _NAME.fullmatch(_plain(entry)) and not _is_network(entry):
                raise ValueError(
                    f"{entry!r} is no host: it is written chat.plant, .plant for all below that name, 10.1.2.3 or "
                    "10.1.0.0/16"
                )

    def allow(self, host: str) -> bool:
        """Whether that host may be asked, however its name is written."""
        if not self.listed:
            return True
        name = _plain(host)
        try:
            address = ip_address(name)
        except ValueError:
            if name.startswith(".") or not _NAME.fullmatch(name):
                return False  # whoever is asked for it may read another name in it than is compared here
            names = [_plain(entry) for entry in self.listed]
            return name in names or any(entry.startswith(".") and name.endswith(entry) for entry in names)
        return any(address in ip_network(entry, strict=False) for entry in self.listed if _is_network(entry))

    def refusal(self, *hosts: str) -> str:
        """In words, that none of these may be asked."""
        named = " or ".join(sorted(hosts))
        return f"nothing goes to {named}, which the setting notice_hosts does not list; an operator may add it there"


ANYBODY = Hosts()


def _plain(host: str) -> str:
    """A name as it is looked up: in small letters, without the dot at its end, in the letters of the DNS."""
    name = host.removesuffix(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _is_network(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return False
    return True


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
