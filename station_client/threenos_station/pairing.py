"""Paired tablets: a code that lives ten minutes is given once for a cookie that lives with the tablet."""

import hashlib
import hmac
import secrets
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

from threenos_station.errors import Denied
from threenos_station.settings import Page
from threenos_station.store import Store
from threenos_wire.instants import format_instant

CODE_S = 600
#: Wrong tries against a code before it is void; with eight digits nobody guesses it.
TRIES = 5


class Pairing:
    """Codes and tablets, kept as hashes: who reads the file cannot become a tablet."""

    def __init__(self, store: Store, wall_s: Callable[[], float] = time.time) -> None:
        self._store, self._wall_s = store, wall_s

    def new_code(self) -> str:
        """Eight digits to be typed at the tablet within ten minutes; codes given before are void."""
        code = f"{secrets.randbelow(10**8):08d}"
        with self._store.write() as db:
            db.execute("DELETE FROM codes")
            db.execute("INSERT INTO codes VALUES (?, ?, 0)", (_hash(code), self._wall_s() + CODE_S))
        return code

    def pair(self, code: str) -> str:
        """The cookie for a tablet that gives a good code, which is used up by that. Denied otherwise."""
        token = secrets.token_urlsafe(32)
        with self._store.write() as db:
            db.execute("UPDATE codes SET tries = tries + 1")
            live = "tries <= ? AND until > ?"
            found = db.execute(f"SELECT hash FROM codes WHERE {live}", (TRIES, self._wall_s())).fetchone()
            good = found is not None and hmac.compare_digest(found[0], _hash(code.replace(" ", "")))
            if good:
                db.execute("DELETE FROM codes")
                db.execute("INSERT INTO tablets VALUES (?, ?)", (_hash(token), format_instant(datetime.now(UTC))))
        if not good:
            raise Denied("wrong-code", "this code is wrong or has expired; ask for a new one", "code")
        return token

    def is_paired(self, token: str | None) -> bool:
        return bool(token and self._store.read("SELECT 1 FROM tablets WHERE hash = ?", _hash(token)))

    def count(self) -> int:
        """How many tablets are paired."""
        return int(self._store.read("SELECT count(*) FROM tablets")[0][0])

    def forget_all(self) -> int:
        """Unpair every tablet, as after one was lost; returns how many there were."""
        with self._store.write() as db:
            return db.execute("DELETE FROM tablets").rowcount


def known_as(page: Page) -> str:
    """The name under which tablets reach this machine: the first that was allowed, else its own."""
    return (page.allow_hosts or [socket.gethostname()])[0]


def pairing_address(page: str, code: str) -> str:
    """Where a tablet pairs itself. The code is behind the #, which no log and no proxy sees."""
    return f"{page}/pair#code={code}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
