"""TLS: whom this station trusts, what it shows of itself, and what goes wrong with either, in words.

Contexts are made anew for each connection, so that renewed files are taken without a restart.
"""

import ssl
import time
from pathlib import Path
from typing import Any

from threenos_station.ends import ANY_TIME
from threenos_station.errors import BadCertificate
from threenos_station.settings import PEM, Server


class _Tidy(ssl.SSLSocket):
    """paho leaves the socket of a failed handshake to the garbage collector; this one closes itself."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def broker_context(server: Server, cert: str | None, key: str | None) -> ssl.SSLContext:
    """For the broker: its authority and no other when `ca` is set. Raises BadCertificate, naming the file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _Tidy
    if server.ca:
        _trust(context, server.ca)
        if _clock_is_wrong(context):
            context.verify_flags |= ANY_TIME
    else:
        context.load_default_certs()
    _show(context, cert, key)
    return context


def web_context(server: Server) -> ssl.SSLContext:
    """For the server's pages, where photos go: of the same authority as the broker, or of a public one."""
    context = ssl.create_default_context()
    if server.ca:
        _trust(context, server.ca)
    _show(context, server.cert, server.key)
    return context


def stamp(server: Server, cert: str | None, key: str | None) -> tuple[int, ...]:
    """What changes when one of the files is written again."""
    paths = [Path(name) for name in (server.ca, cert, key) if name and not name.startswith(PEM)]
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)


def told(error: ssl.SSLError) -> BadCertificate | None:
    """What a failed handshake was about, when that was a certificate: the broker's, or ours."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return BadCertificate("not-trusted", f"the broker's certificate is not trusted: {error.verify_message}")
    return refused(str(error))


def refused(text: str) -> BadCertificate | None:
    """What the other side said of our certificate, in the words of OpenSSL's alerts."""
    if "ALERT" not in text or not ("CERTIFICATE" in text or "UNKNOWN_CA" in text):
        return None
    return BadCertificate("certificate", f"the broker does not take our certificate: {text}")


def _clock_is_wrong(context: ssl.SSLContext) -> bool:
    """Whether it is, by this machine's clock, before the authority began: as after a power cut without a battery.

    No certificate of it could be valid then, and a station that presses STOP must be heard whatever its clock says.
    """
    began: list[Any] = [authority["notBefore"] for authority in context.get_ca_certs()]
    return any(ssl.cert_time_to_seconds(at) > time.time() for at in began)


def _trust(context: ssl.SSLContext, ca: str) -> None:
    try:
        if ca.startswith(PEM):
            context.load_verify_locations(cadata=ca)
        else:
            context.load_verify_locations(cafile=ca)
    except (OSError, ValueError) as e:  # ssl.SSLError is an OSError
        what = "the certificate in `ca`" if ca.startswith(PEM) else ca
        raise BadCertificate("not-trusted", f"{what} cannot be used: {_words(e)}") from e


def _show(context: ssl.SSLContext, cert: str | None, key: str | None) -> None:
    if cert is None:
        return
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ValueError) as e:
        raise BadCertificate("certificate", f"{cert} with {key} cannot be used: {_words(e)}") from e


def _words(e: Exception) -> str:
    return (e.strerror if isinstance(e, OSError) else None) or str(e)
