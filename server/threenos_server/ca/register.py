"""What the authority has issued and revoked: `DATA/ca/register.jsonl`, one line each, only ever added to."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from threenos_server.ca.certificates import Pair, Purpose, names_of, purpose_of, serial_of
from threenos_server.ca.files import put
from threenos_server.errors import Invalid

REGISTER = "register.jsonl"


class Issued(msgspec.Struct, frozen=True, tag="issued", tag_field="what"):
    """A certificate that was written to `directory`. `serial` is in hexadecimal digits."""

    serial: str
    at: datetime
    purpose: Purpose
    names: list[str]
    until: datetime
    directory: str


class Revoked(msgspec.Struct, frozen=True, tag="revoked", tag_field="what"):
    """From `at` on the certificate of that serial is no good."""

    serial: str
    at: datetime


Line = Issued | Revoked


def issued(made: Pair, folder: Path, now: datetime) -> Issued:
    """The line of a certificate that was just made."""
    c = made.certificate
    return Issued(serial_of(c), now, purpose_of(c), names_of(c), c.not_valid_after_utc, str(folder.absolute()))


def read(data: Path) -> list[Line]:
    """All lines, oldest first; none when nothing was ever issued. Raises Invalid for one that says nothing."""
    path = _path(data)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    return [_line(path, number, line) for number, line in enumerate(text.splitlines(), 1)]


def _line(path: Path, number: int, text: bytes) -> Line:
    try:
        found: Line = msgspec.json.decode(text, type=Line)
    except (msgspec.DecodeError, ValueError) as e:
        raise Invalid(f"{path}, line {number}: {e}; put back the copy of {path.parent} that was kept apart") from e
    return found


def revoked(lines: Sequence[Line]) -> dict[str, datetime]:
    """When each revoked certificate was, by serial."""
    return {line.serial: line.at for line in reversed(lines) if isinstance(line, Revoked)}


@dataclass
class Held:
    """The register while nobody else changes it."""

    path: Path
    lines: list[Line]

    def add(self, *lines: Line) -> None:
        """On disk, all or none, when this returns. What the register speaks of is written after: then a crash leaves
        no certificate that nobody knows of, and no revocation that the next one forgets.
        """
        self.lines += lines
        put(self.path, b"".join(msgspec.json.encode(line) + b"\n" for line in self.lines), 0o600)


@contextmanager
def changing(data: Path) -> Iterator[Held]:
    """The register, to which one adds. Who changes too waits until the block has ended."""
    folder = _path(data).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield Held(_path(data), read(data))
    finally:
        os.close(held)


def _path(data: Path) -> Path:
    return data / "ca" / REGISTER
