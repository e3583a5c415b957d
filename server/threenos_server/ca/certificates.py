"""Certificates as values: an authority, and what it issues. Pure: the time is handed in, keys come from the system."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from threenos_server.errors import Conflict, Fault, Invalid

AUTHORITY_DAYS = 3653
#: What is done about one that ends; the words stand behind an error.
ANOTHER = "a new authority has to take its place, as the README of server/threenos_server/ca says"
#: iPadOS takes no server certificate of more than 825 days, whoever issued it.
LONGEST_DAYS = 825
#: A tablet whose clock is behind must not find it not yet valid.
LENIENCY = timedelta(days=1)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
#: The id of a station, or the name of our own processes at a broker.
_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,31}|_server")
_CLIENT_URI = "urn:threenos:client:"


class Purpose(StrEnum):
    """Which end of a connection a certificate is for.

    Never both: a broker takes the name of any client certificate for a user name, and a machine that was once called
    like a station must not be able to speak for it.
    """

    SERVER = "server"
    CLIENT = "client"


_USAGES = {Purpose.SERVER: ExtendedKeyUsageOID.SERVER_AUTH, Purpose.CLIENT: ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_authority(now: datetime) -> Pair:
    """A new authority. Its name ends with a piece of its key, so that two plants' authorities look different."""
    key = ec.generate_private_key(ec.SECP256R1())
    known_by = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _named(f"Threenos CA {known_by.digest.hex()[:8]}")
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _begun(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(known_by, critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def issue(authority: Pair, names: Sequence[str], now: datetime, days: int, purpose: Purpose = Purpose.SERVER) -> Pair:
    """A certificate for a server of these host names and addresses, or for a client of this one name.

    The first is its common name, by which a broker knows a client. It ends with the authority at the latest. Raises
    Invalid for what is no such name, and for more than `LONGEST_DAYS`, and Conflict when the authority has ended.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid("a certificate is good for 1 to 825 days; iPadOS takes no longer one", Fault("/days", "range"))
    ends = authority.certificate.not_valid_after_utc
    if ends <= now:
        raise Conflict(f"the authority ended on {ends.date()}, and nothing that it issues is good; {ANOTHER}")
    alternatives = [_alternative(name) for name in names] if purpose is Purpose.SERVER else [_client(names)]
    key = ec.generate_private_key(ec.SECP256R1())
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        _begun(_named(names[0][:64]), authority.certificate.subject, key, now, days, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage([_USAGES[purpose]]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(signer, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return Pair(certificate, key)


def is_name(name: str) -> bool:
    """Whether a server's certificate can be for it."""
    try:
        _alternative(name)
    except Invalid:
        return False
    return True


def names_of(certificate: x509.Certificate) -> list[str]:
    """The host names and addresses that a certificate is for, or its client's name, as they were given."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value).removeprefix(_CLIENT_URI) for name in found]


def purpose_of(certificate: x509.Certificate) -> Purpose:
    """For which end it is; one of before there were two kinds is a server's."""
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return Purpose.SERVER if ExtendedKeyUsageOID.SERVER_AUTH in usages else Purpose.CLIENT


def serial_of(certificate: x509.Certificate) -> str:
    """Its serial number as openssl prints it."""
    return f"{certificate.serial_number:X}"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as devices show it: pairs of hexadecimal digits with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
    at_most: datetime | None = None,
) -> x509.CertificateBuilder:
    # Both ends count, and what a device measures is the whole span.
    until = now - LENIENCY + timedelta(days=days) - timedelta(seconds=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LENIENCY)
        .not_valid_after(min(until, at_most or until))
    )


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _client(names: Sequence[str]) -> x509.GeneralName:
    if len(names) != 1 or not _CLIENT.fullmatch(names[0]):
        raise Invalid("a client certificate is for one station's id, or for _server", Fault("/names", "malformed"))
    return x509.UniformResourceIdentifier(_CLIENT_URI + names[0])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        labels = name.lower().split(".")
        if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
            raise Invalid(f"{name!r} is neither a host name nor an address", Fault("/names", "malformed")) from None
        return x509.DNSName(name.lower())
