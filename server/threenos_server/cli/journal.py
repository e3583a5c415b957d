"""`threenos journal`: verify, rebuild, export."""

from argparse import Namespace
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import msgspec

from threenos_server.cli.open import database, one_site
from threenos_server.cli.show import say
from threenos_server.db import Database
from threenos_server.errors import Invalid, NotFound, ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.journal import service
from threenos_server.journal.model import Break, Head
from threenos_server.journal.rebuild import Difference, compare, rebuild
from threenos_server.journal.verify import verify_every
from threenos_server.journal.witness import read_witnesses
from threenos_server.reports import parquet
from threenos_server.settings import Settings
from threenos_wire.instants import format_instant


def verify(settings: Settings, args: Namespace) -> int:
    """Follow the chain of every site; 1 when a row is broken."""
    witnesses = _witnesses([Path(f) for f in args.witness])
    with database(settings, create=False) as db, db.read() as session:
        found = verify_every(session, witnesses)
    if args.site is not None:
        if args.site not in found:
            raise NotFound(f"there is no site {args.site!r}")
        found = {args.site: found[args.site]}
    value = [
        {"site": site, "ok": isinstance(end, Head), "seq": end.seq}
        | ({"hash": end.hash} if isinstance(end, Head) else {"detail": end.detail})
        for site, end in found.items()
    ]
    say(args, value, "\n".join(_verdict(site, end) for site, end in found.items()) or "There is no journal yet.")
    return int(any(isinstance(end, Break) for end in found.values()))


def _verdict(site: str, end: Head | Break) -> str:
    if isinstance(end, Break):
        return f"{site}: BROKEN at row {end.seq}: {end.detail}"
    return f"{site}: {end.seq} rows, whole; the last hash is {end.hash}"


def _witnesses(files: list[Path]) -> dict[str, list[Head]]:
    found: dict[str, list[Head]] = defaultdict(list)
    for path in files:
        try:
            seen = read_witnesses(path.read_bytes().splitlines())
        except OSError as e:
            raise NotFound(f"{path}: {e.strerror}") from e
        except Invalid as e:
            raise Invalid(f"{path} is no witness file", *e.faults) from e
        for site, heads in seen.items():
            found[site] += heads
    return found


def rebuild_tables(settings: Settings, args: Namespace) -> int:
    """Derive every table again from the journal; 1 when the live ones were not what it says. They are afterwards."""
    differences: dict[str, list[Difference]] = {}
    rows: dict[str, int] = {}
    with database(settings, create=False) as db:
        for site in _sites(db, args.site):
            with db.write() as session:
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

    Or, with a directory for Parquet, every site or the one that is named, for analysis.
    """
    if (args.file is None) is (args.parquet is None):
        raise Invalid("journal export writes to FILE or, with --parquet, to a directory: name one of them")
    with database(settings, create=False) as db:
        if args.parquet is not None:
            _export_parquet(db, args)
            return
        site = one_site(db, args.site)
        try:
            count = _write_rows(db, site, Path(args.file))
        except OSError as e:
            raise ThreenosError(f"{args.file}: {e.strerror}") from e
    say(args, {"site": site, "rows": count, "file": args.file}, f"{count} rows of {site} written to {args.file}")


def _export_parquet(db: Database, args: Namespace) -> None:
    written: dict[str, dict[str, int]] = {}
    for site in _sites(db, args.site):
        try:
            with db.read() as session:
                written[site] = parquet.export(session, site, Path(args.parquet))
        except OSError as e:
            raise ThreenosError(f"{args.parquet}: {e.strerror}") from e
    value = [{"site": site, "directory": args.parquet, "rows": rows} for site, rows in written.items()]
    text = [
        f"{site}: " + ", ".join(f"{n} rows of {name}" for name, n in rows.items()) + f" written to {args.parquet}"
        for site, rows in written.items()
    ]
    say(args, value, "\n".join(text) or "There is no journal yet.")


def _write_rows(db: Database, site: str, path: Path) -> int:
    count = 0
    with db.read() as session, path.open("wb") as file:
        for row in service.every(session, site):
            count += 1
            instants = {"at": format_instant(row.at), "occurred_at": format_instant(row.occurred_at)}
            file.write(msgspec.json.encode(asdict(row) | instants) + b"\n")
    return count


def _sites(db: Database, site: str | None) -> list[str]:
    if site is not None:
        return [one_site(db, site)]
    with db.read() as session:
        return service.sites(session)
