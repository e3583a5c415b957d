"""What an address of notices tells about the hosts that it asks. Below `people`, which keeps such addresses."""

import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from threenos_server.errors import Fault, Invalid
from threenos_server.outward import Hosts

if TYPE_CHECKING:
    from apprise import Apprise, NotifyBase

LOG, WEBHOOK = "log:", "webhook+"
#: The host of a URL, unless it is only known when a message goes out.
_FIXED = re.compile(r"https?://([\w.-]+)(?![\w.{-])")
#: What stands in a service of Apprise for people to read.
_TO_READ = frozenset({"service_url", "setup_url"})


def services(address: str) -> "Apprise":
    """The services of Apprise that an address means, which follow no redirect; none when it cannot be read."""
    import apprise  # not without need: it takes a second, and a web worker wants it only where there are notice_hosts

    found = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not found.add(address):
        found.clear()
    return found


def hosts_of(address: str) -> list[frozenset[str]]:
    """For each message that would go out, the hosts of which it asks one; empty where that is not known before.

    Our own webhook and a mail server say theirs. Of another service it is its `host`, where that is part of its
    address, or one of those that its program names.
    """
    if address.startswith(LOG):
        return []
    if address.startswith(WEBHOOK):
        return [frozenset(_of_url(address.removeprefix(WEBHOOK)))]
    return [_asked_by(service) for service in services(address)]


def refusal(address: str, hosts: Hosts) -> str:
    """Why nothing may go to that address, in words that name no secret of it; empty when it may."""
    for asked in hosts_of(address) if hosts.listed else ():
        if asked and not any(map(hosts.allow, asked)):
            return hosts.refusal(*asked)
    return ""


def check(addresses: Sequence[str], hosts: Hosts) -> None:
    """Raises Invalid for those to which nothing may go."""
    faults = [Fault(f"/addresses/{n}", why) for n, address in enumerate(addresses) if (why := refusal(address, hosts))]
    if faults:
        raise Invalid("notices may not go there", *faults)


def _asked_by(service: "NotifyBase") -> frozenset[str]:
    if mail := getattr(service, "smtp_host", ""):
        return frozenset({mail})
    templates: Sequence[str] = service.templates
    own = {service.host} if any("{host}" in str(one) for one in templates) else set()
    return frozenset(own | set(_named_by(type(service))))


def _of_url(url: str) -> Iterator[str]:
    try:
        if host := urlsplit(url).hostname:
            yield host
    except ValueError:  # no address at all, which is said when it is used
        return


def _named_by(kind: "type[NotifyBase]") -> Iterator[str]:
    """The hosts that stand in a service's class, and in the tables of its module by which some choose a region."""
    theirs = [vars(one) for one in kind.__mro__ if one.__module__.startswith("apprise.plugins.")]
    for names in (*theirs, vars(sys.modules[kind.__module__])):
        for name, value in names.items():
            if isinstance(value, str | dict | tuple | list) and not (name in _TO_READ or name.startswith("__")):
                yield from _FIXED.findall(repr(value))
