"""Checks of the addresses: how people reach the pages, how stations reach the broker, and whose certificates they see.

Pure: `look/web.py` and `look/broker.py` fill what is judged here.
"""

import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from threenos_server.broker.mosquitto import SERVER_USER
from threenos_server.doctor.finding import Finding, ok, warning, wrong
from threenos_server.settings import Settings

#: Renewal comes 60 days before the end, so a certificate this near to it was not renewed.
SOON = timedelta(days=30)
#: Every tablet and station has to trust another authority before this one ends, which takes a plant months.
AUTHORITY_SOON = timedelta(days=183)


_RENEW = "`threenos ca renew DIR`, and `systemctl status threenos-certificates.timer` for why it was not renewed"
_ANOTHER = (
    "make another authority and let tablets and stations trust both, as the README of server/threenos_server/ca says; "
    "`threenos ca renew` renews what it issued and not the authority itself"
)


@dataclass(frozen=True, slots=True)
class Pages:
    """What `/health/ready` answered at `url`: what is not ready, or `error` when it gave no such answer."""

    url: str
    missing: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that was asked. `error`: why it did not let us in. `stranger`: whether it lets in who gives no name.

    `dropped`: messages that it gave up since it began, None when it does not tell. `reached`: whether there was a
    connection at all. `answers`: whether anything spoke there, if only with a certificate that we do not trust.
    """

    host: str
    port: int
    tls: bool
    error: str = ""
    stranger: bool = False
    dropped: int | None = None
    reached: bool = True
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, where it was seen, and when it ends. `authority`: it is the one that issues the others."""

    where: str
    until: datetime
    authority: bool = False


@dataclass(frozen=True, slots=True)
class Accounts:
    """The provider of the plant's own accounts, and why nobody can sign in by it; empty when people can."""

    issuer: str
    error: str = ""


def pages(found: Pages, direct: Pages | None = None) -> Finding:
    """The pages are served, and what serves them says that all is ready. `direct`: the same, past the proxy."""
    if found.error and direct and not direct.error:
        return wrong(
            "pages", f"{found.url} does not answer ({found.error}), though the server itself does at {direct.url}",
            "look at the proxy in front: `systemctl status nginx`, and its name and certificate",
        )  # fmt: skip
    if found.error:
        return wrong("pages", f"{found.url} does not answer: {found.error}", "`systemctl status threenos-web`")
    if found.missing:
        return wrong(
            "pages", f"{found.url} is not ready: " + "; ".join(f"{name}: {why}" for name, why in found.missing),
            "start what is named, as in `systemctl start threenos.target`",
        )  # fmt: skip
    return ok("pages", f"{found.url} is ready")


def address(settings: Settings) -> Finding:
    """People reach the pages by https, and what stands in front is told of."""
    url, host = urlsplit(settings.public_url), settings.host
    if not settings.public_url:
        if is_loopback(host):
            return ok("address", f"the pages are for this machine only, on {host}")
        return warning(
            "address", f"the pages are served in plain on {host}: passwords and cookies can be read on the way",
            "put a proxy with TLS in front, listen on 127.0.0.1, and set public_url and proxies",
        )  # fmt: skip
    if url.scheme != "https":
        return wrong(
            "address", f"public_url is {settings.public_url}: cookies go in plain, and tablets install no page",
            "give the proxy a certificate (`threenos ca issue`) and set public_url to https://…",
        )  # fmt: skip
    if not settings.proxies:
        return wrong(
            "address", "public_url is https but proxies is 0: everybody seems to come from the proxy's address, so "
            "one who guesses passwords shuts out all", "set proxies to the number of proxies in front, mostly 1",
        )  # fmt: skip
    if not is_loopback(host):
        return warning(
            "address", f"the proxy is believed, but the pages are served on {host} besides: who comes past the proxy "
            "can say to be any address", "listen on 127.0.0.1, or let a firewall keep all but the proxy away",
        )  # fmt: skip
    return ok("address", f"{settings.public_url}, behind {settings.proxies} proxy")


def broker(found: Broker) -> Iterable[Finding]:
    """The broker lets us in and nobody without a name, does not speak in plain over a network, and drops nothing."""
    where = f"{found.host} port {found.port}"
    if not found.answers:
        yield wrong(
            "broker", f"the broker at {where} does not answer: {found.error}",
            "`systemctl status mosquitto`; whether mqtt_url names its host and port, and a firewall lets them through",
        )  # fmt: skip
        return
    if found.error:
        yield wrong(
            "broker", f"the broker at {where} does not let us in: {found.error}",
            "the settings mqtt_user, mqtt_password, mqtt_ca, mqtt_cert and mqtt_key; its own log names whom it refused",
        )  # fmt: skip
        return
    yield ok("broker", f"{where} answers" + (", by TLS" if found.tls else ""))
    if found.stranger and not is_loopback(found.host):
        yield wrong(
            "broker rules", f"{where} lets anybody in, without a name: anybody can press for any station",
            "write its files with `threenos broker-config` (allow_anonymous false) and restart it",
        )  # fmt: skip
    elif found.stranger:
        yield warning(
            "broker rules", f"{where} lets any program of this machine speak as any station",
            "install mosquitto (apt-get install mosquitto)",
        )  # fmt: skip
    else:
        yield ok("broker rules", "nobody is let in without a name and its password")
    if not found.tls and not is_loopback(found.host):
        yield warning(
            "broker rules", f"passwords go in plain over the network to {where}",
            "set mqtt_url to mqtts://… and mqtt_ca",
        )  # fmt: skip
    if found.dropped:
        yield warning(
            "broker queues", f"the broker has given up {found.dropped} messages since it was started; stations send "
            "again what was not acknowledged, but a press came late",
            "see in its log whose: a server too slow, or limits too small; `threenos broker-config` writes good ones",
        )  # fmt: skip
    elif found.dropped == 0:
        yield ok("broker queues", "the broker has given up no message since it was started")


def unasked(words: str, cure: str) -> Finding:
    """The broker could not even be asked, for what is wrong on our own side."""
    return wrong("broker", f"the broker was not asked: {words}", cure)


def accounts(found: Accounts) -> Finding:
    """The provider of accounts is who the settings say, and says how to sign in there."""
    if found.error:
        return wrong(
            "accounts", f"nobody can sign in by {found.issuer}: {found.error}",
            "set oidc_issuer as the provider itself writes it in its /.well-known/openid-configuration; an authority "
            "of the plant's own is named by REQUESTS_CA_BUNDLE, to the web server and to doctor",
        )  # fmt: skip
    return ok("accounts", f"{found.issuer} says how people sign in there")


def stations_door(found: Broker) -> Finding:
    """Where stations come in: it can be reached under its public name, by TLS, and lets nobody in without credentials.

    `found` is what a stranger was told there.
    """
    where = f"{found.host} port {found.port}"
    if not found.reached:
        return wrong(
            "broker", f"stations do not reach the broker at {where}: {found.error}",
            "the setting mqtt_public_url, the name in the plant's DNS, the firewall, and the broker's certificate",
        )  # fmt: skip
    if not found.error:
        return wrong(
            "broker rules", f"{where} lets anybody in, without a name: anybody can press for any station",
            "write its files with `threenos broker-config` and restart it",
        )  # fmt: skip
    return ok("broker", f"stations reach {where}" + (", by TLS" if found.tls else ""))


def rules(named: Collection[str] | None, enrolled: Collection[str]) -> Finding:
    """The broker's rules name exactly the stations that have credentials. `named`: None when there are no rules."""
    name = "broker rules"
    cure = "`systemctl restart threenos-broker-config`, which writes them within a second of an enrolment"
    if named is None:
        return wrong(name, "the broker's rules cannot be read", "threenos broker-config DIR")
    unheard, left = sorted(set(enrolled) - set(named)), sorted(set(named) - set(enrolled) - {SERVER_USER})
    if left:
        return wrong(name, f"stations without credentials may still speak: {', '.join(left)}", cure)
    if unheard:
        return wrong(name, f"the broker does not know {', '.join(unheard)}", cure)
    return ok(name, f"{len(enrolled)} stations, each with its own topics only")


def certificates(found: Iterable[Certificate], now: datetime) -> Iterable[Finding]:
    """None has ended, and none ends soon."""
    for one in found:
        words = f"{one.where}: good until {one.until.date().isoformat()}"
        cure = _ANOTHER if one.authority else _RENEW
        if one.until <= now:
            yield wrong("certificates", f"{one.where}: ended on {one.until.date().isoformat()}", cure)
        elif one.until - now < (AUTHORITY_SOON if one.authority else SOON):
            yield warning("certificates", words, cure)
        else:
            yield ok("certificates", words)


def unread(words: str) -> Finding:
    """What the authority has issued could not even be read, so nobody knows which of them end."""
    cure = "`ls -l` of the folder ca: all of it belongs to the user who owns the data directory; else put back its copy"
    return wrong("certificates", words, cure)


def is_loopback(host: str) -> bool:
    """Whether that address is never left by a packet. A socket in the file system counts."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith(("/", "unix:"))
