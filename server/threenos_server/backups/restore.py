"""Put a backup in the place of the database: verified, brought up to a point by an archive, and told in the journal.

Whatever is wrong shows before anything that is there has been touched, and what was there is kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.backups import postgresql, sqlite
from threenos_server.backups.archive import Torn
from threenos_server.backups.files import room
from threenos_server.backups.manifest import Manifest, checked, made_up
from threenos_server.backups.point import Point, rows_after, torn_in
from threenos_server.backups.take import moment
from threenos_server.db import Database, from_ms
from threenos_server.errors import Invalid, ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.journal import stored
from threenos_server.journal.model import EMPTY, Break, Head, Stored
from threenos_server.journal.replay import note, replay
from threenos_server.journal.service import head, sites
from threenos_server.journal.verify import verify_every
from threenos_server.migrations import upgrade
from threenos_wire.instants import format_instant

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Journal:
    """A restored one: its last row in the backup, how many came from the archive, and the row that says so.

    `until`: when the last row that counts was received; None for an empty journal. `beyond`: the archive holds rows
    past the point, so nothing that belongs to it can be missing behind the last.
    """

    site: str
    backup: int
    replayed: int
    noted: int
    until: str | None
    beyond: bool


@dataclass(frozen=True, slots=True)
class Done:
    """`kept` is where that lies which was there before; None when nothing was. `torn`: what was left out."""

    manifest: Manifest
    version: str
    journals: tuple[Journal, ...]
    kept: str | None
    torn: tuple[Torn, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A backup, the files or folders of an archive, and the point up to which its rows count.

    `known`: the backup has its manifest, against which it is held.
    """

    source: Path
    archive: Sequence[Path] = ()
    until: Point | None = None
    known: bool = True


def restore(url: str, wanted: Wanted, now: datetime) -> Done:
    """Restore the database of `url` from a backup, and the rows of the archive that follow it, up to the point.

    Raises NotFound and Invalid for a backup, manifest or archive that is not what was written or does not reach the
    row that was asked for, Conflict while others use the database, ThreenosError for what the database or the disk
    refuse. Then all is as it was.
    """
    manifest = checked(wanted.source) if wanted.known else made_up(wanted.source)
    if url.startswith("sqlite") is not (manifest.database == "sqlite"):
        raise Invalid(f"{wanted.source} is a backup of {manifest.database}, and the database here is another")
    with _beside(url, wanted.source, now) as (fresh_url, replace):
        db = Database(fresh_url, FOLDS)
        try:
            _verify(db, manifest)
            version = upgrade(db)
            journals = _bring_up(db, manifest, wanted, now)
            torn = torn_in(wanted.archive)
        except sa.exc.DBAPIError as e:
            raise ThreenosError(f"not restored: {e.orig}") from e
        finally:
            db.close()
        return Done(manifest, version, journals, replace(), torn)


@contextmanager
def _beside(url: str, source: Path, now: datetime) -> Iterator[tuple[str, Callable[[], str | None]]]:
    """The backup as a database beside that of `url`, and what puts it in its place and says where that one is kept."""
    if not url.startswith("sqlite"):
        with postgresql.beside(url, source) as fresh:
            kept = postgresql.kept_name(url, moment(now))

            def renamed() -> str | None:
                postgresql.replace(fresh, url, kept)
                return kept

            yield fresh, renamed
        return
    target = Path(url.removeprefix("sqlite:///"))
    half = target.with_name(f".{target.name}.restoring")
    aside = _free(target.with_name(f"{target.name}.before-restore-{moment(now)}"))
    sides = [half.with_name(half.name + end) for end in ("", "-wal", "-shm", "-journal")]
    try:
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        sqlite.copy(source, half)
        yield f"sqlite:///{half}", lambda: str(aside) if sqlite.replace(half, target, aside) else None
    except OSError as e:
        raise ThreenosError(f"{target} was not restored: {e.strerror}{room(target.parent)}") from e
    finally:
        for path in sides:
            path.unlink(missing_ok=True)


def _free(path: Path) -> Path:
    """That name, or one behind it: what an earlier restore of the same second kept stays as well."""
    names = (path if n == 1 else path.with_name(f"{path.name}-{n}") for n in count(1))
    return next(name for name in names if not name.exists())


def _verify(db: Database, manifest: Manifest) -> None:
    """Follow the whole hash chain of what was restored, up to where the manifest says that it stood."""
    with db.read() as session:
        found = verify_every(session, {j.site: [Head(j.seq, j.hash)] for j in manifest.journals if j.seq})
    for site, end in found.items():
        if isinstance(end, Break):
            raise Invalid(f"the journal of {site} in the backup is broken at row {end.seq}: {end.detail}")
    stood = {j.site: Head(j.seq, j.hash) for j in manifest.journals}
    if stood and found != stood:
        raise Invalid("the journals in the backup end elsewhere than its manifest says")


def _bring_up(db: Database, manifest: Manifest, wanted: Wanted, now: datetime) -> tuple[Journal, ...]:
    """Take the rows of the archive back, and note in each journal that it was restored."""
    with db.read() as session:
        stood = {site: head(session, site) for site in sites(session)}
        for site, last in stood.items():
            _not_past(session, site, last, wanted.until)
    replayed: Counter[str] = Counter()
    over: set[str] = set()
    for site, batch in _batches(rows_after(wanted.archive, stood, wanted.until, over)):
        with db.write() as session:
            replay(session, site, batch)
        replayed[site] += len(batch)
    said = {
        "backup": manifest.sha256, "backup_at": manifest.at, "until": wanted.until.said if wanted.until else None,
    }  # fmt: skip
    journals = []
    with db.write() as session:
        _reached({site: head(session, site) for site in sites(session)}, wanted)
        for site in sites(session):
            backup, newest = stood.get(site, EMPTY).seq, _row(session, site, head(session, site))
            noted = note(session, site, said | {"seq": backup, "replayed": replayed[site]}, now)
            until = format_instant(from_ms(newest[2])) if newest else None
            journals.append(Journal(site, backup, replayed[site], noted.seq, until, site in over))
    return tuple(journals)


def _not_past(session: Session, site: str, last: Head, until: Point | None) -> None:
    """A journal is never cut, so a backup that reaches past the point is too young for it."""
    row = _row(session, site, last)
    if until is not None and row is not None and not until.holds(row):
        raise Invalid(f"the backup reaches to row {last.seq} of {site}, which is past {until.said}: take an older one")


def _reached(stands: Mapping[str, Head], wanted: Wanted) -> None:
    """Whoever names a row wants that row, and not what there is before it. An instant may be later than every row."""
    until = wanted.until
    if until is None or until.seq is None or any(last.seq == until.seq for last in stands.values()):
        return
    where = ", ".join(f"row {last.seq} of {site}" for site, last in stands.items()) or "no journal at all"
    what = "the backup and the archive end" if wanted.archive else "the backup ends"
    hint = "" if wanted.archive else ": --with names the archive"
    raise Invalid(f"{what} with {where}, before row {until.seq}{hint}")


def _row(session: Session, site: str, at: Head) -> Stored | None:
    if at == EMPTY:
        return None
    return tuple(session.connection().execute(stored.NEXT, {"site": site, "seq": at.seq - 1, "limit": 1}).one())


def _batches(rows: Iterable[Stored]) -> Iterator[tuple[str, list[Stored]]]:
    """Neighbours of one site together, so that they are one transaction."""
    batch: list[Stored] = []
    for row in rows:
        if batch and (len(batch) >= _BATCH or batch[0][0] != row[0]):
            yield batch[0][0], batch
            batch = []
        batch.append(row)
    if batch:
        yield batch[0][0], batch
