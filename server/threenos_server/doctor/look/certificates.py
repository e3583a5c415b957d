"""Every certificate of the installation: what it issued and still holds, and what its servers show to others now."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from threenos_server.ca import files, register, service
from threenos_server.ca.service import Known, State
from threenos_server.doctor.reached import Certificate
from threenos_server.errors import ThreenosError
from threenos_server.intake.link import BrokerAddress
from threenos_server.settings import Settings

ANSWER_S = 5.0
PORTS = {"https": 443, "mqtts": 8883}


def every(settings: Settings, broker: BrokerAddress | None, now: datetime) -> list[Certificate]:
    """The authority's, those that it issued, and those that browsers and our own processes are shown now."""
    urls = [settings.public_url, settings.mqtt_public_url]
    if broker is not None and broker.tls:
        urls.append(f"mqtts://{broker.host}:{broker.port}")
    shown = [c for c in map(shown_at, dict.fromkeys(urls)) if c]
    return [*_authority(settings.data), *_issued(settings.data, now), *shown]


def unread(data: Path) -> str:
    """Why it cannot be told what the authority has issued; empty where it can, and where there is no authority."""
    path = data / "ca" / files.AUTHORITY
    try:
        register.read(data)
        if path.exists():
            x509.load_pem_x509_certificate(path.read_bytes())
    except ThreenosError as e:
        return e.detail
    except OSError as e:
        return f"{e.filename}: {e.strerror}"
    except ValueError:
        return f"{path} holds no certificate"
    return ""


def _authority(data: Path) -> Iterator[Certificate]:
    path = data / "ca" / files.AUTHORITY
    with suppress(OSError, ValueError):
        found = x509.load_pem_x509_certificate(path.read_bytes())
        yield Certificate(f"the authority {path}", found.not_valid_after_utc, authority=True)


def _issued(data: Path, now: datetime) -> Iterator[Certificate]:
    """Neither what was revoked nor what another has replaced."""
    known: list[Known] = []
    with suppress(OSError, ThreenosError):  # `unread` says which
        known = service.known(data, now)
    for one in known:
        if one.state in (State.GOOD, State.SOON, State.ENDED):
            yield Certificate(
                f"{', '.join(one.certificate.names)} in {one.certificate.directory}", one.certificate.until
            )


def shown_at(url: str) -> Certificate | None:
    """The certificate that a server shows, whoever signed it and whether or not it is still good; None without one."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:  # what is no address is found by whoever asks for more than its certificate
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((parts.hostname, port), ANSWER_S) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as tls,
        ):
            shown = tls.getpeercert(binary_form=True)
    except OSError:
        return None
    if not shown:
        return None
    return Certificate(f"{parts.hostname} port {port}", x509.load_der_x509_certificate(shown).not_valid_after_utc)
