"""Photos wait in a folder under their hash until the server has taken them; the event names the hash."""

import hashlib
import http.client
import logging
import random
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from threenos_station.errors import BadPress, NotSaved
from threenos_station.settings import Server
from threenos_station.tls import web_context
from threenos_station.whole import put

log = logging.getLogger("threenos.station.photos")

MAX_PHOTO_BYTES = 8 * 1024 * 1024
#: Waiting photos may take so much of the disk, which the outbox needs more.
MAX_SHELF_BYTES = 1024 * 1024 * 1024
_TAKEN = frozenset({200, 201, 204})
_NEVER = frozenset({400, 413, 415, 422})
#: About whoever asks, or about the server: the next photo would hear the same.
_OF_ALL = frozenset({401, 403, 429, 503})


def content_type(photo: bytes) -> str | None:
    """JPEG, PNG or WebP by its first bytes; None for anything else."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if photo.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP" else None


class Shelf:
    """The folder of photos that wait (`waiting/`) and that the server would not take (`refused/`)."""

    def __init__(self, folder: Path) -> None:
        self._waiting, self._refused = folder / "waiting", folder / "refused"
        self._waiting.mkdir(parents=True, exist_ok=True)
        self._refused.mkdir(exist_ok=True)

    def keep(self, photo: bytes) -> str:
        """Save it (fsynced) and return `sha256:…`, which an event may name. BadPress or NotSaved say why not."""
        if content_type(photo) is None:
            raise BadPress("bad-photo", "a photo is a JPEG, PNG or WebP")
        if len(photo) > MAX_PHOTO_BYTES:
            raise BadPress("too-large", f"a photo may have {MAX_PHOTO_BYTES} bytes")
        if sum(map(_size, self._waiting.iterdir())) + len(photo) > MAX_SHELF_BYTES:
            raise NotSaved("disk", "too many photos wait for the server; the press itself needs none")
        name = hashlib.sha256(photo).hexdigest()
        try:
            # Lasting: the event that names it is, and it is shown nowhere else.
            put(self._waiting / name, photo, lasting=True)
        except OSError as e:
            raise NotSaved("disk", f"the agent's disk did not take the photo: {e.strerror}") from e
        return f"sha256:{name}"

    def waiting(self) -> list[str]:
        """Hashes of the photos that wait, oldest first."""
        kept = {p.name: _written(p) for p in self._waiting.iterdir() if len(p.name) == 64}
        return sorted((name for name, at in kept.items() if at), key=lambda name: kept[name])

    def refused(self) -> list[str]:
        return sorted(p.name for p in self._refused.iterdir() if p.suffix != ".txt")

    def read(self, name: str) -> bytes:
        return (self._waiting / name).read_bytes()

    def taken(self, name: str) -> None:
        """The server has it."""
        (self._waiting / name).unlink()

    def refuse(self, name: str, why: str) -> None:
        """The server will never take it: kept apart, with the reason beside it."""
        (self._waiting / name).replace(self._refused / name)
        (self._refused / f"{name}.txt").write_text(why, encoding="utf-8")


def _written(photo: Path) -> float:
    """When it was kept; 0 when the server has just taken it."""
    try:
        return photo.stat().st_mtime
    except FileNotFoundError:
        return 0


def _size(photo: Path) -> int:
    """What it takes of the disk: nothing, when the server has just taken it."""
    try:
        return photo.stat().st_size
    except FileNotFoundError:
        return 0


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    text: str


class Uploader:
    """Brings waiting photos to the server in a thread of its own, whenever the network allows."""

    def __init__(self, shelf: Shelf, server: Server, site: str | None) -> None:
        self._shelf, self._server, self._site = shelf, server, site
        self._wake = threading.Event()
        self._stopped = False
        self.problem: str | None = None if server.url else "no `url` in [server]: photos stay here"

    def start(self) -> None:
        if self._server.url:
            threading.Thread(target=self._run, name="photos", daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()

    def wake(self) -> None:
        """A photo was kept."""
        self._wake.set()

    def _run(self) -> None:
        wait_s = 5.0
        while not self._stopped:
            self._wake.clear()
            try:
                self.upload_waiting()
                wait_s, self.problem = 5.0, None
            except (OSError, http.client.HTTPException, ValueError) as e:
                wait_s, self.problem = min(60.0, wait_s * 2), str(e) or type(e).__name__
            self._wake.wait(random.uniform(wait_s / 2, wait_s))

    def upload_waiting(self) -> None:
        """Send each waiting photo once; raises OSError when the server took none now, or not all of them."""
        odd: list[str] = []
        for name in self._shelf.waiting():
            reply = self._put(name, self._shelf.read(name))
            if reply.status in _TAKEN:
                self._shelf.taken(name)
            elif reply.status in _NEVER:
                self._shelf.refuse(name, f"{reply.status} {reply.text}")
                log.warning("the server refused photo %s: %s", name, reply.text)
            elif reply.status in _OF_ALL:
                raise ConnectionError(f"the server answered {reply.status} {reply.text}")
            else:
                # It may be about this one alone, which must not hold up the others for ever.
                odd.append(f"the server answered {reply.status} {reply.text} to photo {name}")
        if odd:
            raise ConnectionError(f"{len(odd)} photos are still here: {odd[0]}")

    def _put(self, name: str, photo: bytes) -> Reply:
        url = urlsplit(self._server.url or "")
        connection = _connect(url.scheme, url.hostname or "", url.port, self._server)
        site = f"?site={self._site}" if self._site else ""
        headers = {"Content-Type": content_type(photo) or "application/octet-stream"}
        if self._server.upload_token:
            headers["Authorization"] = f"Bearer {self._server.upload_token}"
        try:
            connection.request("PUT", f"{url.path.rstrip('/')}/api/v1/photos/{name}{site}", photo, headers)
            response = connection.getresponse()
            return Reply(response.status, response.read(2000).decode("utf-8", "replace"))
        finally:
            connection.close()


def _connect(scheme: str, host: str, port: int | None, server: Server) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=30)
    return http.client.HTTPSConnection(host, port, timeout=30, context=web_context(server))
