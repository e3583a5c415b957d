"""When our own certificates end: those that the broker wants to see, and the page's; said each of the last 30 days."""

import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from threenos_station.settings import Server, StationEntry

log = logging.getLogger("threenos.station.certificates")

SOON, EVERY = timedelta(days=30), timedelta(days=1)
#: X509_V_FLAG_NO_CHECK_TIME, for which Python has no name.
ANY_TIME = ssl.VerifyFlags(0x200000)


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate's file, and when it ends."""

    file: str
    until: datetime

    def problem(self, now: datetime) -> str | None:
        """In words, with the cure, when it ends soon or has ended."""
        if self.until - now > SOON:
            return None
        ends = "ends" if self.until > now else "has ended"
        return (
            f"the certificate {self.file} {ends} on {self.until.date()}; on the server `threenos ca renew` makes a new "
            "one where it was issued, as `threenos ca show` lists it: copy that folder over the one here"
        )


class Ends:
    """Looks at once and then every day."""

    def __init__(self, server: Server, stations: Iterable[StationEntry]) -> None:
        shown = [(server.cert, server.key), *((one.cert, one.key) for one in stations)]
        #: Each file once, though several stations show it.
        self._files = {cert: key for cert, key in shown if cert is not None and key is not None}
        self._looked_at: datetime | None = None

    def shown(self) -> list[Ending]:
        """The certificates for the broker. One that cannot be used is not among them: its link says why."""
        found = []
        for cert, key in self._files.items():
            try:
                found.append(Ending(cert, end_of(cert, key)))
            except (OSError, ValueError) as e:  # ssl.SSLError is an OSError
                log.debug("the end of %s cannot be told: %s", cert, e)
        return found

    def look(self, page: Ending | None, now: datetime) -> None:
        """Say what ends soon, when a day has passed or the clock was put back."""
        if self._looked_at is not None and timedelta() <= now - self._looked_at < EVERY:
            return
        self._looked_at = now
        for one in [*self.shown(), *([page] if page else [])]:
            if problem := one.problem(now):
                log.warning("%s", problem)


def end_of(cert: str, key: str) -> datetime:
    """When a client certificate ends, as a broker sees it that trusts this one certificate.

    Raises OSError for files that do not fit together.
    """
    here, there = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for context in (here, there):
        context.load_cert_chain(cert, key)
    here.check_hostname, here.verify_mode = False, ssl.CERT_NONE
    there.verify_mode = ssl.CERT_REQUIRED
    there.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ANY_TIME
    there.load_verify_locations(cafile=cert)
    _, broker = shaken(here, there)
    return until(broker)


def shaken(client: ssl.SSLContext, server: ssl.SSLContext) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Two ends that have shaken hands in memory: the standard library tells of a certificate only what a peer shows."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here, there = client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, server_side=True)
    while not (_is_shaken(here) & _is_shaken(there)):
        pass
    return here, there


def until(side: ssl.SSLObject) -> datetime:
    """When the certificate ends that this side was shown."""
    told: Any = side.getpeercert()  # typeshed makes it a union too wide to use
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC)


def _is_shaken(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
