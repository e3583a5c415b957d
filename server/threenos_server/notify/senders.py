"""How a message leaves: any Apprise URL, a signed webhook, or the log. Each raises SendFailed, with whether for good.

`log:` writes to the server's log (for a demonstration); `webhook+https://host/path?secret=…` posts JSON whose header
`Threenos-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA256 over `<seconds>.<body>`; everything else is Apprise's.
"""

import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

import structlog
from apprise import NotifyFormat

from threenos_server import addresses, outward
from threenos_server.notify.model import SendFailed
from threenos_server.notify.only import only
from threenos_server.outward import ANYBODY, Hosts
from threenos_wire.instants import format_instant

SEND_TIMEOUT_S = 15.0
SIGNATURE = "Threenos-Signature"
#: Answers of a webhook that another try may change, besides every 5xx.
_TEMPORARY = frozenset({408, 409, 421, 423, 425, 429})

log = structlog.get_logger("notify")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for one address: its text, and for machines the notices that it lists. `id` stays over repeats."""

    id: str
    title: str
    body: str
    at: datetime
    notices: tuple[dict[str, Any], ...] = ()


Send = Callable[[str, Outgoing], None]


def send(address: str, message: Outgoing, hosts: Hosts = ANYBODY) -> None:
    """Hand `message` over to whatever `address` names, asking none but `hosts`. Raises SendFailed."""
    if why := addresses.refusal(address, hosts):
        raise SendFailed(why, permanent=True)
    with only(hosts) as refused:
        try:
            _hand_over(address, message)
        except SendFailed as e:
            if not refused:
                raise
            # The address did not tell before whom it would ask.
            raise SendFailed(hosts.refusal(*refused), permanent=True) from e


def _hand_over(address: str, message: Outgoing) -> None:
    if address.startswith(addresses.LOG):
        log.info("notice", message=message.id, title=message.title, body=message.body)
    elif address.startswith(addresses.WEBHOOK):
        _webhook(address.removeprefix(addresses.WEBHOOK), message)
    else:
        _apprise(address, message)


def signature(secret: str, seconds: int, body: bytes) -> str:
    """The value of the signature header: what a receiver computes again to know that it was us, and when."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _webhook(url: str, message: Outgoing) -> None:
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    secret = query.pop("secret", "")
    if parts.scheme not in ("http", "https") or not parts.hostname or not secret:
        raise SendFailed("a webhook is webhook+https://host/path?secret=…", permanent=True)
    body = json.dumps(_document(message), ensure_ascii=False).encode()
    seconds = int(message.at.timestamp())
    request = urllib.request.Request(
        urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query))),
        data=body,
        headers={"Content-Type": "application/json", SIGNATURE: signature(secret, seconds, body)},
    )
    try:
        with outward.asked(request, SEND_TIMEOUT_S):
            pass
    except urllib.error.HTTPError as e:
        e.close()
        permanent = 400 <= e.code < 500 and e.code not in _TEMPORARY
        raise SendFailed(f"the webhook answered {e.code}", permanent=permanent) from e
    except outward.Redirected as e:
        raise SendFailed(f"the webhook {e}") from e
    except (OSError, http.client.HTTPException) as e:
        raise SendFailed(f"the webhook was not reached: {e}") from e


def _document(message: Outgoing) -> dict[str, Any]:
    return {
        "v": 1,
        "id": message.id,
        "at": format_instant(message.at),
        "title": message.title,
        "body": message.body,
        "notices": list(message.notices),
    }


def _apprise(address: str, message: Outgoing) -> None:
    """Apprise says yes or no, not why: an address that it cannot read is for good, all else is tried again."""
    outbound = addresses.services(address)
    if not outbound:
        raise SendFailed("no such kind of address, or it is incomplete", permanent=True)
    if any(service.redirects for service in outbound):
        raise SendFailed("no redirect is followed: take redirect=yes out of the address", permanent=True)
    body = fitting(message.body, min(service.body_maxlen for service in outbound))
    # Said to be text, it is escaped for whatever shows HTML or Markdown: notes and names are people's.
    result = outbound.notify(body=body, title=message.title, body_format=NotifyFormat.TEXT, timeout=SEND_TIMEOUT_S)
    if not result:
        raise SendFailed("the service did not take the message")


def fitting(body: str, most: int) -> str:
    """`body`, or as many of its lines as `most` characters hold and how many more there are: "… +312".

    A service refuses what is too long for it, and hundreds of stops in one second are long.
    """
    if len(body) <= most:
        return body
    lines = body.split("\n")
    ends = list(accumulate(len(line) + 1 for line in lines))
    kept = sum(end + len(f"… +{len(lines)}") <= most for end in ends)
    return "\n".join([*lines[:kept], f"… +{len(lines) - kept}"]) if kept else body[:most]
