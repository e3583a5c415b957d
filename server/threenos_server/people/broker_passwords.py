"""Passwords of machines, as mosquitto keeps them: `$7$iterations$salt$hash`, PBKDF2-HMAC-SHA512, parts in base64.

They are made at random by us and never chosen by people, so a few iterations are enough, and two thousand stations that
come back together do not keep the broker busy with arithmetic.
"""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 101
#: mosquitto 2.0 takes no other length of salt.
SALT_BYTES = 12


def new_password() -> str:
    """A password for a machine: 192 bits, safe in a URL and in a shell, and never taken for a flag."""
    return secrets.token_hex(24)


def verifier(password: str, salt: bytes | None = None) -> str:
    """What mosquitto's password file holds for `password`."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def matches(password: str, kept: str) -> bool:
    """Whether `password` is the one that `kept` was made from."""
    salt = base64.b64decode(kept.split("$")[3])
    return hmac.compare_digest(verifier(password, salt), kept)
