"""`threenos db`: upgrade, backup, restore."""

from argparse import Namespace
from pathlib import Path

import msgspec

from threenos_server.backups import take
from threenos_server.backups.archive import Torn
from threenos_server.backups.manifest import Manifest
from threenos_server.backups.point import Point, point
from threenos_server.backups.restore import Done, Journal, Wanted
from threenos_server.backups.restore import restore as restored
from threenos_server.cli.open import answering, database
from threenos_server.cli.show import say
from threenos_server.clock import utc_now
from threenos_server.errors import Invalid, ThreenosError
from threenos_server.migrations import upgrade as upgrade_tables
from threenos_server.moving import left
from threenos_server.settings import Settings
from threenos_server.up.claim import claimed


def upgrade(settings: Settings, args: Namespace) -> None:
    """Bring the tables to this version."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with answering(settings) as db:
        version = upgrade_tables(db)
    say(args, {"version": version}, f"The database is at version {version}.")


def backup(settings: Settings, args: Namespace) -> None:
    """Copy one moment of the database to a new file, or to a file of a folder named by the time, while all runs."""
    if (args.file is None) is (args.to is None):
        raise Invalid("db backup writes to FILE or, with --to, to a file in a folder: name one of them")
    if args.keep is not None and args.to is None:
        raise Invalid("--keep is for the backups in the folder of --to")
    now = utc_now()
    with database(settings, create=False) as db:
        target = Path(args.file) if args.to is None else take.named(_folder(Path(args.to)), db, now)
        manifest = take.take(db, target, now)
    gone = take.prune(Path(args.to), args.keep, now) if args.keep is not None else []
    value = {"file": str(target), "manifest": msgspec.to_builtins(manifest), "removed": [str(p) for p in gone]}
    say(args, value, _backed_up(settings, target, manifest, gone))


def restore(settings: Settings, args: Namespace) -> None:
    """Put a backup in the place of the database, and the rows of an archive behind it; what was there is kept."""
    left.refuse(settings)
    until = point(args.until) if args.until is not None else None
    wanted = Wanted(Path(args.file), [Path(p) for p in args.archive], until, not args.without_manifest)
    if settings.database:
        # Who else uses it is asked of the database itself: its owner need not be the user of the data directory.
        done = restored(settings.database_url(), wanted, utc_now())
    else:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with claimed(settings.data):
            done = restored(settings.database_url(), wanted, utc_now())
    value = {
        "version": done.version, "kept": done.kept, "journals": [msgspec.to_builtins(j) for j in done.journals],
        "torn": [{"file": str(t.path), "site": t.site, "seq": t.seq} for t in done.torn],
    }  # fmt: skip
    say(args, value, _put_back(done, until))


def _folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise ThreenosError(f"{path}: {e.strerror}") from e
    return path


def _backed_up(settings: Settings, target: Path, manifest: Manifest, gone: list[Path]) -> str:
    rows = ", ".join(f"{j.site} up to row {j.seq}" for j in manifest.journals) or "no journal yet"
    lines = [
        f"Written: {target} with its manifest: {rows}.",
        f"The keys in {settings.data / 'keys'} are kept apart, by you.",
        *(f"Removed: {path}" for path in gone),
    ]
    return "\n".join(lines)


def _put_back(done: Done, until: Point | None) -> str:
    lines = [
        *(_of_journal(j, until) for j in done.journals),
        *(_of_torn(t) for t in done.torn),
        f"The tables are at version {done.version}. People, rosters, sessions, credentials of stations, photos and "
        f"notices are as they were at {done.manifest.at}.",
        *([f"What was there before is kept: {done.kept}"] if done.kept else []),
        "An archive that reaches further than this tells of rows that are no more: keep it, and begin another folder.",
    ]
    return "\n".join(lines)


def _of_journal(j: Journal, until: Point | None) -> str:
    """How far it goes. For an instant also whether that is all there was up to it: rows may never have arrived."""
    verified = f"{j.site}: verified up to row {j.backup}, {j.replayed} rows of the archive taken back"
    ends = f"it ends with row {j.noted - 1}, received at {j.until}" if j.until else "it has no row"
    if until is None or until.at is None:
        known = ""
    elif j.beyond:
        known = f"; the next row of the archive is later than {until.said}"
    else:
        known = f"; NOTHING LATER WAS FOUND, so whether more came up to {until.said} is not known"
    return f"{verified}; {ends}{known}. Row {j.noted} says so."


def _of_torn(t: Torn) -> str:
    """A power cut leaves such a line. Whoever restores has to know that a row was there which is not taken back."""
    whole = "no row in it is whole" if t.seq is None else f"its last whole row is {t.seq} of {t.site}"
    return f"The last line of {t.path} is torn and was left out: {whole}."
