"""`threenos db`: upgrade, backup, restore."""

import os
import shutil
import sqlite3
import subprocess
from argparse import Namespace
from contextlib import closing
from pathlib import Path

from threenos_server.cli.open import answering, database
from threenos_server.cli.show import say
from threenos_server.errors import Conflict, NotFound, ThreenosError
from threenos_server.migrations import upgrade as upgrade_tables
from threenos_server.settings import Settings
from threenos_server.up.claim import claimed


def upgrade(settings: Settings, args: Namespace) -> None:
    """Bring the tables to this version."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    version = _upgraded(settings)
    say(args, {"version": version}, f"The database is at version {version}.")


def backup(settings: Settings, args: Namespace) -> None:
    """Copy one moment of the database to a new file, while everything runs."""
    target = Path(args.file)
    if target.exists():
        raise Conflict(f"{target} is there already; a backup never overwrites")
    with database(settings, create=False) as db:
        if db.sqlite:
            _copy(Path(str(db.engine.url.database)), target)
        else:
            _run("pg_dump", "--format=custom", f"--file={target}", f"--dbname={_plain(settings)}")
    target.chmod(0o600)
    say(args, {"file": str(target)}, f"Written: {target}. The keys in {settings.data / 'keys'} are kept apart, by you.")


def restore(settings: Settings, args: Namespace) -> None:
    """Put a copy in the place of the database. SQLite: what is there now is kept beside it. PostgreSQL: it is lost."""
    source = Path(args.file)
    if not source.exists():
        raise NotFound(f"there is no file {source}")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with claimed(settings.data):
        if settings.database_url().startswith("sqlite"):
            _replace(source, Path(settings.database_url().removeprefix("sqlite:///")))
        else:
            _run(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--single-transaction",
                f"--dbname={_plain(settings)}",
                str(source),
            )
        version = _upgraded(settings)
    say(args, {"version": version}, f"Restored; the database is at version {version}. Now: threenos journal verify")


def _upgraded(settings: Settings) -> str:
    with answering(settings) as db:
        return upgrade_tables(db)


def _copy(source: Path, target: Path) -> None:
    """SQLite's own online copy, which a writer does not disturb. Written under another name until it is whole."""
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(fresh)) as copy,
        ):
            live.backup(copy)
            (state,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as e:
        raise ThreenosError(f"{source}: {e}") from e
    if state != "ok":
        raise ThreenosError(f"{source}: the copy is damaged: {state}")
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(target)


def _replace(source: Path, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.restored")
    _copy(source, fresh)
    for suffix in ("", "-wal", "-shm"):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.replace(target.with_name(f"{target.name}.before-restore{suffix}"))
    fresh.replace(target)


def _plain(settings: Settings) -> str:
    return settings.database_url().replace("postgresql+psycopg://", "postgresql://")


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise ThreenosError(f"{program} is not installed (Debian, Ubuntu: apt-get install postgresql-client)")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ThreenosError(f"{program}: {done.stderr.strip()}")
