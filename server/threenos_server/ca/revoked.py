"""The revocation list: what an authority has issued and no longer vouches for. Pure, like `certificates`."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from threenos_server.ca.certificates import LENIENCY, Pair

_SECOND = timedelta(seconds=1)


def revocation_list(authority: Pair, revoked: Mapping[int, datetime], now: datetime, before: bytes | None) -> bytes:
    """The list as PEM, of serial numbers and when each was revoked; it takes the place of the list `before`.

    It says that it is good as long as the authority: a broker whose list has run out lets nobody in at all, and a new
    list takes effect when its file is replaced, not by the old one's running out.
    """
    at = _dated(now, before)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(at)
        .next_update(max(authority.certificate.not_valid_after_utc, at + _SECOND))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    for serial, since in sorted(revoked.items()):
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _dated(now: datetime, before: bytes | None) -> datetime:
    """A day ago, since brokers' clocks are wrong too; but later than the list before, which OpenSSL else prefers."""
    at = (now - LENIENCY).replace(microsecond=0)
    if before is None:
        return at
    return max(at, x509.load_pem_x509_crl(before).last_update_utc + _SECOND)
