"""Who takes notices: a webhook that is sometimes slow and sometimes busy, as gateways are."""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from urllib.parse import urlsplit

from listening import Quiet, serving

#: Every so-manieth request is answered 503, and none takes longer.
BUSY, SLOWEST_S = 3, 0.15


@dataclass
class Told:
    """What was handed over: the ids of notices, (who, complaint) of each, and the messages with when they came."""

    url: str = ""
    notices: set[str] = field(default_factory=set)
    about: set[tuple[str, str | None]] = field(default_factory=set)
    messages: list[tuple[float, str, tuple[str, ...]]] = field(default_factory=list)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def listening(seed: int, port: int = 0, busy_each: int = BUSY, slowest_s: float = SLOWEST_S) -> Iterator[Told]:
    """Take notices until the block ends; 0 is never busy."""
    told, chance = Told(), random.Random(seed)

    class Handler(Quiet):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            said = self.rfile.read(length)
            if len(said) < length:
                return  # whoever spoke was killed in the middle
            body = json.loads(said)
            with told.lock:
                told.asked += 1
                busy = busy_each > 0 and told.asked % busy_each == 0
                slow = chance.uniform(0, slowest_s)
            Event().wait(slow)
            with told.lock:
                if not busy:
                    who = urlsplit(self.path).path.strip("/")
                    listed = tuple(n["id"] for n in body["notices"])
                    told.notices.update(listed)
                    told.messages.append((monotonic(), who, listed))
                    told.about |= {(who, n["complaint"]) for n in body["notices"]}
            # Whoever was killed meanwhile does not hear the answer, but was heard.
            with suppress(OSError):
                self.send_response(503 if busy else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

    with serving(Handler, port=port) as server:
        told.url = server.url
        yield told
