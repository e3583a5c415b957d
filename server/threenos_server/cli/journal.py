"""`threenos journal`: rebuild and export; `verify` has a module of its own."""

from argparse import Namespace
from pathlib import Path

from threenos_server.backups import archive
from threenos_server.cli.open import database, one_site
from threenos_server.cli.show import say
from threenos_server.db import Database
from threenos_server.errors import Invalid, ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.journal import service, stored
from threenos_server.journal.lines import line_of
from threenos_server.journal.rebuild import Difference, compare, rebuild
from threenos_server.reports import parquet
from threenos_server.settings import Settings
from threenos_server.stopping import stop_on_signal


def rebuild_tables(settings: Settings, args: Namespace) -> int:
    """Derive every table again from the journal; 1 when the live ones were not what it says. They are afterwards."""
    differences: dict[str, list[Difference]] = {}
    rows: dict[str, int] = {}
    with database(settings, create=False) as db:
        for site in _sites(db, args.site):
            with db.write(patient=True) as session:
                differences[site] = compare(session, site, FOLDS)
                rows[site] = rebuild(session, site, FOLDS)
    value = [
        {"site": site, "rows": rows[site], "differences": [str(d) for d in found]}
        for site, found in differences.items()
    ]
    text = [
        f"{site}: {rows[site]} rows folded again; " + (f"{len(found)} rows were wrong" if found else "all was as it is")
        for site, found in differences.items()
    ] + [f"  {d}" for found in differences.values() for d in found]
    say(args, value, "\n".join(text) or "There is no journal yet.")
    return int(any(differences.values()))


def export(settings: Settings, args: Namespace) -> None:
    """Write the rows of a site as JSON lines, each with its hash, so that they can be verified elsewhere.

    Or every site into an archive, for a restore; or, with a directory for Parquet, for analysis.
    """
    if [args.file, args.parquet, args.archive].count(None) != 2:
        raise Invalid("journal export writes to FILE, or to a folder with --archive or --parquet: name one of them")
    if args.follow and args.archive is None:
        raise Invalid("--follow is for --archive")
    with database(settings, create=False) as db:
        try:
            _export(db, args)
        except OSError as e:
            raise ThreenosError(f"{args.file or args.archive or args.parquet}: {e.strerror}") from e


def _export(db: Database, args: Namespace) -> None:
    if args.parquet is not None:
        _export_parquet(db, args)
    elif args.archive is not None:
        _export_archive(db, args)
    else:
        site = one_site(db, args.site)
        count = _write_rows(db, site, args.after, Path(args.file))
        say(args, {"site": site, "rows": count, "file": args.file}, f"{count} rows of {site} written to {args.file}")


def _export_archive(db: Database, args: Namespace) -> None:
    if args.site is not None or args.after:
        raise Invalid("an archive holds every row of every site")
    into = archive.Archive(Path(args.archive))
    if args.follow:
        archive.follow_into(db, into, stop_on_signal())
        return
    written = archive.bring_up(db, into)
    value = [{"site": site, "rows": rows} for site, rows in written.items()]
    text = "\n".join(f"{site}: {rows} rows written to {args.archive}" for site, rows in written.items())
    say(args, value, text or "There is no journal yet.")


def _export_parquet(db: Database, args: Namespace) -> None:
    written: dict[str, dict[str, int]] = {}
    for site in _sites(db, args.site):
        with db.read() as session:
            written[site] = parquet.export(session, site, Path(args.parquet))
    value = [{"site": site, "directory": args.parquet, "rows": rows} for site, rows in written.items()]
    text = [
        f"{site}: " + ", ".join(f"{n} rows of {name}" for name, n in rows.items()) + f" written to {args.parquet}"
        for site, rows in written.items()
    ]
    say(args, value, "\n".join(text) or "There is no journal yet.")


def _write_rows(db: Database, site: str, after: int, path: Path) -> int:
    count = 0
    with db.read() as session, path.open("wb") as file:
        for row in stored.following(session, site, after):
            count += 1
            file.write(line_of(row))
    return count


def _sites(db: Database, site: str | None) -> list[str]:
    if site is not None:
        return [one_site(db, site)]
    with db.read() as session:
        return service.sites(session)
