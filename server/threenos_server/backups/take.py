"""Take a backup while everything runs, and let the oldest ones go."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import __version__
from threenos_server.backups import postgresql, sqlite
from threenos_server.backups.files import HALF, room, whole
from threenos_server.backups.manifest import Manifest, Stood, beside, sha256
from threenos_server.db import Database
from threenos_server.errors import ThreenosError
from threenos_server.journal.service import head, sites
from threenos_wire.instants import format_instant

_ENDINGS = {True: ".db", False: ".dump"}
_NAME = "threenos-"
_MOMENT = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"
#: No backup takes so long: an older half one was left by a process that was killed.
_LEFT = timedelta(days=1)


def moment(now: datetime) -> str:
    """An instant as it stands in the name of a file: 20261122T021109Z."""
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def named(directory: Path, db: Database, now: datetime) -> Path:
    """The file of a backup that is named by its time; later ones sort behind it."""
    return directory / f"{_NAME}{moment(now)}{_ENDINGS[db.sqlite]}"


def take(db: Database, target: Path, now: datetime) -> Manifest:
    """Copy one moment of the database to a new file, with its manifest beside it.

    The manifest is there first: a backup that is seen has one. Raises Conflict for a file that is there already, and
    ThreenosError when it could not be written whole; then nothing is left of it.
    """
    with _no_manifest_without(target), whole(target) as half:
        try:
            stood, schema = _copied(db, half)
        except ThreenosError as e:
            raise ThreenosError(f"{target} was not written: {e.detail}{room(target.parent)}") from e
        manifest = Manifest(
            file=target.name,
            sha256=sha256(half),
            size=half.stat().st_size,
            at=format_instant(now),
            program=__version__,
            schema=schema,
            database="sqlite" if db.sqlite else "postgresql",
            journals=stood,
        )
        beside(target).unlink(missing_ok=True)  # of a backup that is gone
        with whole(beside(target)) as half_manifest:
            half_manifest.write_bytes(manifest.encoded())
    return manifest


@contextmanager
def _no_manifest_without(target: Path) -> Iterator[None]:
    """A backup that fails behind its manifest takes it along; that of a backup which is there already stays."""
    try:
        yield
    except BaseException:
        if not target.exists():
            beside(target).unlink(missing_ok=True)
        raise


def prune(directory: Path, keep: int, now: datetime) -> list[Path]:
    """Remove all but the newest `keep` backups that are named by their time; those that went.

    What killed ones left goes as well. A file of any other name is nobody's to remove, and one of a later time than now
    neither goes nor counts: the clock is wrong now, or was then, and tonight's would be the oldest of them.
    """
    named = sorted(p for ending in _ENDINGS.values() for p in directory.glob(f"{_NAME}{_MOMENT}{ending}"))
    found = [p for p in named if p.stem <= f"{_NAME}{moment(now)}"]
    old = found[: max(0, len(found) - keep)]
    for path in old:
        path.unlink()
        beside(path).unlink(missing_ok=True)
    for half in directory.glob(f".{_NAME}{_MOMENT}*{HALF}"):
        if half.stat().st_mtime < (now - _LEFT).timestamp():
            half.unlink()
    return old


def _copied(db: Database, target: Path) -> tuple[tuple[Stood, ...], str]:
    """Copy it, and where its journals stand in the copy, and the version of its tables."""
    if not db.sqlite:
        with db.read() as session:
            postgresql.dump(session, db.url, target)
            return _stood(session)
    sqlite.copy(Path(str(db.engine.url.database)), target)
    made = sa.create_engine(f"sqlite:///{target}")
    try:
        with Session(made) as session:
            return _stood(session)
    finally:
        made.dispose()


def _stood(session: Session) -> tuple[tuple[Stood, ...], str]:
    heads = {site: head(session, site) for site in sites(session)}
    schema = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return tuple(Stood(site, last.seq, last.hash) for site, last in heads.items()), str(schema)
