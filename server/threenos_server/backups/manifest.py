"""What a backup says of itself, in a file beside it: how it is known again, and where the journals stood."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from threenos_server.errors import Fault, Invalid, NotFound
from threenos_server.journal.witness import Witnessed
from threenos_wire.instants import format_instant

ENDING = ".manifest.json"


class Stood(msgspec.Struct, frozen=True):
    """The last row of a site's journal at the moment of the backup."""

    site: str
    seq: Annotated[int, Meta(ge=0, le=2**53)]
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`program` and `schema` are the versions of who made it and of its tables; `size` is in bytes, `at` an instant."""

    v: Literal[1] = 1
    file: str
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    size: int
    at: str
    program: str
    schema: str
    database: Literal["sqlite", "postgresql"]
    journals: tuple[Stood, ...]

    def witnesses(self) -> list[Witnessed]:
        """The heads of the journals as `threenos journal verify --witness` takes them."""
        return [Witnessed(j.site, j.seq, j.hash, self.at) for j in self.journals]

    def encoded(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


_decoder = msgspec.json.Decoder(Manifest)


def beside(backup: Path) -> Path:
    """Where the manifest of a backup lies."""
    return backup.with_name(backup.name + ENDING)


def read(path: Path) -> Manifest:
    """Raises NotFound, or Invalid for a file that is no manifest."""
    try:
        return _decoder.decode(path.read_bytes())
    except OSError as e:
        raise NotFound(f"{path}: {e.strerror}") from e
    except (msgspec.DecodeError, ValueError) as e:
        raise Invalid(f"{path} is no manifest of a backup", Fault("", str(e))) from e


def checked(backup: Path) -> Manifest:
    """The manifest of a backup whose bytes are those that were written. Raises NotFound and Invalid."""
    if not backup.exists():
        raise NotFound(f"there is no file {backup}")
    if not beside(backup).exists():
        raise NotFound(f"{beside(backup)} is missing, which tells whether the backup is what was written")
    manifest = read(beside(backup))
    if (found := backup.stat().st_size) != manifest.size:
        raise Invalid(f"{backup} has {found} bytes and was written with {manifest.size}: it is not whole")
    if sha256(backup) != manifest.sha256:
        raise Invalid(f"{backup} is not the file that was written: its SHA-256 is not that of {beside(backup).name}")
    return manifest


def made_up(backup: Path) -> Manifest:
    """What can be said of a backup without its manifest: nothing of where its journals stood. Raises NotFound."""
    if not backup.exists():
        raise NotFound(f"there is no file {backup}")
    with backup.open("rb") as file:
        database: Literal["sqlite", "postgresql"] = "postgresql" if file.read(5) == b"PGDMP" else "sqlite"
    found = backup.stat()
    at = format_instant(datetime.fromtimestamp(found.st_mtime, UTC))
    return Manifest(
        file=backup.name, sha256=sha256(backup), size=found.st_size, at=at, program="unknown", schema="unknown",
        database=database, journals=(),
    )  # fmt: skip


def sha256(path: Path) -> str:
    """In hex, of what stands in the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
