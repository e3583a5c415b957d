"""Who may speak to the page: the right Host, the right Origin, and a tablet that was paired. Pure."""

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from threenos_station.errors import Denied, NotPaired

#: By TLS a tablet is given the second, which its browser takes from this very host alone and never in plain.
COOKIE, HOST_COOKIE = "threenos_tablet", "__Host-threenos_tablet"
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
#: A request that a proxy on this machine passes on does not come from this machine.
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as far as it matters here. `local` is the address at which we were reached, `secure` whether by TLS."""

    method: str
    client: str
    local: str
    headers: Message
    hosts: tuple[str, ...]
    secure: bool = False


class Guard:
    """The rules of one agent. `names` are the host names that are ours besides loopback and literal own addresses."""

    def __init__(
        self, names: frozenset[str], trust_loopback: bool, token: str, is_paired: Callable[[str | None], bool]
    ) -> None:
        self._names = frozenset(n.lower() for n in names)
        self._trust_loopback, self._token, self._is_paired = trust_loopback, token, is_paired

    def check_address(self, visit: Visit) -> None:
        """Denied when another site has had its name point at us (rebinding), or has a browser ask for it (CSRF)."""
        if len(visit.hosts) != 1:
            raise Denied("bad-host", "exactly one Host header is needed")
        name = host_name(visit.hosts[0])
        if name not in _LOOPBACK_NAMES and name not in self._names and name != visit.local:
            raise Denied("bad-host", f"{name!r} is no name of this agent; put it into page.allow_hosts")
        origin = visit.headers.get("Origin", "")
        if origin and not _same(origin, visit):
            raise Denied("bad-origin", f"a page of {origin} may not speak to this agent")
        if visit.method != "GET" and visit.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Denied("bad-origin", "a page of another site may not speak to this agent")

    def check_paired(self, visit: Visit) -> None:
        """NotPaired unless it is a paired tablet, this machine itself, or a program with the agent's token."""
        if not (self.is_this_machine(visit) or self._has_token(visit) or self._is_paired(_cookie(visit))):
            raise NotPaired("not-paired", "this tablet is not paired; open /pair and type the code")

    def is_this_machine(self, visit: Visit) -> bool:
        """Asked by this machine itself, under a loopback name, and not through a proxy."""
        return self._trust_loopback and _is_local(visit)

    def is_private(self, visit: Visit) -> bool:
        """Whether nobody on the network can have read or changed it."""
        return visit.secure or _is_local(visit)

    def _has_token(self, visit: Visit) -> bool:
        given = visit.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())


def host_name(host: str) -> str:
    """The name in a Host header: without port and brackets, in lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _same(origin: str, visit: Visit) -> bool:
    """What came to us in plain may have been TLS up to a proxy, but never the other way round."""
    scheme, _, rest = origin.partition("://")
    return scheme in (("https",) if visit.secure else ("http", "https")) and rest.lower() == visit.hosts[0].lower()


def _is_local(visit: Visit) -> bool:
    return (
        _is_loopback(visit.client)
        and host_name(visit.hosts[0]) in _LOOPBACK_NAMES
        and not any(name in visit.headers for name in _PASSED_ON)
    )


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _cookie(visit: Visit) -> str | None:
    try:
        cookies = SimpleCookie(visit.headers.get("Cookie", ""))
    except CookieError:
        return None
    # The first is also that of a tablet that was paired before there was the second.
    found = cookies.get(HOST_COOKIE) or cookies.get(COOKIE)
    return found.value if found else None
