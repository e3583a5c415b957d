"""While a message is handed over, nobody is asked but hosts that are allowed, whatever the service's program would do.

What an address tells of its hosts (`addresses`) is less than what a service of Apprise may ask. So it is also looked at
where Python looks up a name or connects: by an audit hook, which minds those threads only that hand over a message.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Any

from threenos_server.outward import Hosts

#: Events of Python that look a name up, and those that may do so on their way to an address.
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_GOING = frozenset({"socket.connect", "socket.sendto"})
#: And those that tell a proxy to whom it shall go.
_BY_PROXY = frozenset({"http.client.connect", "http.client.send"})
_MINDED = _LOOKING_UP | _GOING | _BY_PROXY
#: The host of what a proxy is asked for, behind a name and a password such as everybody reads them.
_ASKED_OF_PROXY = re.compile(rb"[A-Z]+ https?://(?:[\w.~!$&'()*+,;=:%-]*@)?(\[[^]/?#\s]*\]|[^/?#\s]*?)(?::\d*)?[/?#\s]")
#: A name, or an address. Of anything else a proxy may read another host than a list does.
_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]+(%\w+)?")


class NotAllowed(OSError):
    """A host that is not among those allowed; for the service it is one that cannot be reached."""


@dataclass(frozen=True, slots=True)
class _Watch:
    hosts: Hosts
    refused: set[str] = field(default_factory=set)


#: Apprise hands the context of who asks it on to the threads in which it works.
_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def only(hosts: Hosts) -> Iterator[set[str]]:
    """Let this context ask none but `hosts` while the block lasts; those that were refused, as they come.

    Once another host is asked, which may be, they are forgotten: what happens then is no longer their doing.
    """
    if not hosts.listed:
        yield set()
        return
    _begin_to_look()
    watch = _Watch(hosts)
    token = _watch.set(watch)
    try:
        yield watch.refused
    finally:
        _watch.reset(token)


@cache
def _begin_to_look() -> None:
    """Python has no way to take a hook back; where nobody watches, it does nothing."""
    sys.addaudithook(_look)


def _look(event: str, args: tuple[Any, ...]) -> None:
    if event not in _MINDED:
        return
    watch = _watch.get()
    host = _asked(event, args) if watch is not None else None
    if watch is None or host is None:
        return
    if _HOST.fullmatch(host) and watch.hosts.allow(host):
        watch.refused.clear()
        return
    named = host if _HOST.fullmatch(host) else ascii(host)
    watch.refused.add(named)
    raise NotAllowed(f"{named} is not among the hosts of the setting notice_hosts")


def _asked(event: str, args: tuple[Any, ...]) -> str | None:
    """The host of an event; None for our own machine's sockets, and for an address whose name was looked up before."""
    if event in _LOOKING_UP:
        host = args[0]
        return host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if event == "http.client.connect":
        tunnel: str | None = getattr(args[0], "_tunnel_host", None)
        return tunnel
    if event == "http.client.send":
        asked = _ASKED_OF_PROXY.match(args[1]) if isinstance(args[1], bytes) else None
        return asked[1].decode("ascii", "replace").strip("[]") if asked else None
    to = args[1]
    if not isinstance(to, tuple) or not isinstance(to[0], str):
        return None
    try:
        ip_address(to[0].partition("%")[0])
    except ValueError:
        return to[0]
    return None
