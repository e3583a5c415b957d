"""All feeds and sockets of one web worker: who looks at what, by which credentials, and whether they still may."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from threenos_server.access import Actor
from threenos_server.board.routes import visible_line
from threenos_server.clock import Now
from threenos_server.db import Database
from threenos_server.errors import Forbidden, NotFound, Unauthenticated
from threenos_server.gateway.feed import Feed, Health
from threenos_server.journal.service import sites

#: How often it is asked whether open sockets still may look: a revoked session or token is out within 5 s.
RECHECK_S = 2.0

log = structlog.get_logger()


class Authenticate(Protocol):
    """Who stands behind these cookies, or this board token, at a site; None for nobody.

    It is asked again while the socket is open, so asking must not keep a session alive.
    """

    def __call__(self, site: str, cookies: Mapping[str, str], token: str | None) -> Actor | None: ...


class Line(Protocol):
    """The way out to the sockets."""

    def send(self, event: str, data: dict[str, Any], sockets: Sequence[str]) -> None: ...
    def drop(self, sockets: Sequence[str]) -> None: ...
    def slow(self, sockets: Sequence[str]) -> list[str]: ...
    def drop_strangers(self) -> None: ...
    def cut_who_stay(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a socket was opened with."""

    site: str
    line: str | None
    cookies: tuple[tuple[str, str], ...]
    token: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A socket that may look: by which credentials, and at which line (None: the site)."""

    credentials: Credentials
    line: str | None


class Gateway:
    """Threads begin with the first socket, so that a worker that was forked after `attach` has its own."""

    def __init__(self, db: Database, authenticate: Authenticate, out: Line, now: Now) -> None:
        self._db, self._authenticate, self._out, self._now = db, authenticate, out, now
        self._lock = threading.Lock()
        self._feeds: dict[str, Feed] = {}
        self._members: dict[str, Member] = {}
        self._stop = threading.Event()
        self._guard: threading.Thread | None = None
        #: Told how many sockets there are, whenever there are more or fewer.
        self.on_count: Callable[[int], None] = lambda _: None

    def admit(self, socket: str, site: str | None, line: str | None, cookies: Mapping[str, str], token: Any) -> None:
        """Let a socket in, or raise Unauthenticated, Forbidden or NotFound. It is greeted when it is connected."""
        named = token if isinstance(token, str) else None
        credentials = Credentials(site or self._only_site(), line, tuple(sorted(cookies.items())), named)
        shown = self._allowed(credentials)
        self._feed(credentials.site).prepare(shown)
        with self._lock:
            self._members[socket] = Member(credentials, shown)
            self.on_count(len(self._members))
        self.guard()

    def guard(self) -> None:
        """Look after the sockets from now on."""
        with self._lock:
            if self._guard is None:
                guard = threading.Thread(target=self._watch, name="gateway guard", daemon=True)
                guard.start()  # which fails where there are too many; the next connection tries again
                self._guard = guard

    def greet(self, socket: str) -> None:
        """Send the snapshot, and from then on every delta."""
        member = self._members.get(socket)
        if member is not None:
            self._feeds[member.credentials.site].join(socket, member.line)

    def resume(self, socket: str, after: int) -> None:
        """Send what follows `after`, or a snapshot; to who asks faster than it reads, nothing ever again."""
        member = self._members.get(socket)
        if self._out.slow([socket]):
            self._out.drop([socket])
        elif member is not None:
            self._feeds[member.credentials.site].resume(socket, after)

    def leave(self, socket: str) -> None:
        with self._lock:
            member = self._members.pop(socket, None)
            self.on_count(len(self._members))
        if member is not None:
            self._feeds[member.credentials.site].leave(socket)

    def health(self) -> list[Health]:
        """Each feed of this worker; none before the first socket."""
        return [feed.health() for feed in list(self._feeds.values())]

    def close(self) -> None:
        """End all threads."""
        self._stop.set()
        for feed in list(self._feeds.values()):
            feed.close()
        if self._guard is not None:
            self._guard.join(timeout=10)

    def _only_site(self) -> str:
        with self._db.read() as session:
            found = sites(session)
        if not found:
            raise NotFound("there is no site yet: import a chain")
        if len(found) > 1:
            raise NotFound(f"say which site: {', '.join(found)}")
        return found[0]

    def _feed(self, site: str) -> Feed:
        with self._lock:
            if site not in self._feeds:
                self._feeds[site] = Feed(self._db, site, self._now, self._out.send, self._out.drop)
            return self._feeds[site]

    def _allowed(self, credentials: Credentials) -> str | None:
        """The line that these credentials show; raises Unauthenticated or Forbidden."""
        actor = self._authenticate(credentials.site, dict(credentials.cookies), credentials.token)
        if actor is None:
            raise Unauthenticated("sign in, or give a board token")
        return visible_line(actor, credentials.site, credentials.line)

    def _watch(self) -> None:
        while not self._stop.wait(RECHECK_S):
            for check in (self._recheck, self._drop_slow, self._out.drop_strangers, self._out.cut_who_stay):
                _surely(check)

    def _recheck(self) -> None:
        """Disconnect the sockets whose session or token no longer shows what they look at."""
        sockets: dict[Member, list[str]] = {}
        for socket, member in list(self._members.items()):
            sockets.setdefault(member, []).append(socket)
        for member, theirs in sockets.items():
            try:
                still = self._allowed(member.credentials) == member.line
            except (Unauthenticated, Forbidden):
                still = False
            if not still:
                self._out.drop(theirs)

    def _drop_slow(self) -> None:
        slow = self._out.slow(list(self._members))
        if slow:
            log.warning("sockets that do not keep up are dropped; they come back with a snapshot", sockets=len(slow))
            self._out.drop(slow)


def _surely(check: Callable[[], None]) -> None:
    try:
        check()
    except Exception:  # gives up one round of checks; the next comes in RECHECK_S
        log.exception("a check of the open sockets failed")
