"""Tokens, PINs and codes: made at random, kept only as hashes. Pure but for chance."""

import hashlib
import hmac
import secrets

#: No 0/O, 1/I/L: a code is read aloud and typed.
_READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PIN_DIGITS = 6


def new_token() -> str:
    """256 random bits, safe in a cookie, a header and an address."""
    return secrets.token_urlsafe(32)


def new_pin() -> str:
    """Six random digits. Never chosen by its holder, so that nobody learns from a refusal which PINs are taken."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"


def new_code() -> str:
    """A one-time code such as `7KQM-2XRT-9BDF` (59 bits)."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))


def new_recovery_code() -> str:
    """A code of 119 bits, which is typed once in years; from 112 bits on a plain hash keeps it."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(6))


def digest(token: str) -> str:
    """The SHA-256 of a random token. It needs no salt and no slowness: nobody guesses 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def pin_digest(key: bytes, pin: str) -> str:
    """The keyed hash of a PIN. Without the key its million values cannot be tried."""
    # It begins with a newline, which no pseudonym's text does: the two uses of the key never meet.
    return hmac.new(key, f"\npin\n{pin}".encode(), hashlib.sha256).hexdigest()


def csrf_token(token: str) -> str:
    """What a page sends back in X-CSRF-Token: derived from the session's token, which scripts cannot read."""
    return digest(f"csrf\n{token}")


def normal_code(text: str) -> str:
    """A typed one-time code as it was made: capitals in fours, whatever was typed between them."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))
