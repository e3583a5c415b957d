"""`threenos db move`: from the SQLite file of the data directory to a PostgreSQL database."""

import sqlite3
from argparse import Namespace
from pathlib import Path

import psycopg
import sqlalchemy as sa

from threenos_server.cli.show import line, say
from threenos_server.db import Database
from threenos_server.errors import Conflict, Invalid, NotFound, ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.moving.left import behind
from threenos_server.moving.move import Moved, move
from threenos_server.moving.source import alone, leave
from threenos_server.settings import Settings
from threenos_server.up.claim import claimed


def database(settings: Settings, args: Namespace) -> None:
    """Move it, then put the file aside. Nothing is moved until everything has arrived and was compared."""
    file = _file(settings)
    target = _target(args.url)
    try:
        with claimed(settings.data), alone(file) as source:
            moved = _moved(source, target, args)
            left = leave(file)
    finally:
        target.close()
    shown = target.engine.url.set(drivername="postgresql").render_as_string(hide_password=True)
    total = sum(moved.rows.values())
    value = {
        "database": shown,
        "left": str(left),
        "rows": moved.rows,
        "journals": {site: {"seq": head.seq, "hash": head.hash} for site, head in moved.heads.items()},
    }
    text = (
        f"Moved: {total} rows, each compared; the journals are whole and the tables are what they say.\n"
        f"  it is now in {shown}; first let the program use it: deploy/postgresql/grants.sql, run by the owner\n"
        "  then name it in the setting `database` of every process and command, signed in as the program and not as "
        "the owner: deploy/postgresql.md\n"
        f"  the keys stay where they are: {settings.data / 'keys'}\n"
        f"  the old file is kept, and used by nobody: {left}"
    )
    say(args, value, text)


def _file(settings: Settings) -> Path:
    """The file that is moved. Raises Conflict when there is no file to move, or another one was moved before."""
    if not settings.database_url().startswith("sqlite"):
        raise Conflict("the database that is set is no SQLite file; this command moves from SQLite to PostgreSQL")
    file = Path(sa.make_url(settings.database_url()).database or "")
    if behind(file).exists():
        raise Conflict(f"{behind(file)} is there from a move before; put it elsewhere first")
    if not file.exists():
        raise NotFound(f"there is no database {file}")
    return file


def _target(url: str) -> Database:
    try:
        target = Database(url, FOLDS)
    except (sa.exc.ArgumentError, ImportError) as e:
        raise Invalid(f"the URL is not understood: {e}") from e
    if target.sqlite:
        raise Invalid("the target is a PostgreSQL database, as in postgresql://user@host/name")
    return target


def _moved(source: sa.Connection, target: Database, args: Namespace) -> Moved:
    """Whatever goes wrong, it is said that nothing was moved and how to go on."""
    try:
        return move(source, target, lambda done: None if args.json else line(f"  {done}"))
    except ThreenosError as e:
        raise ThreenosError(_nothing(e.detail)) from e
    except KeyboardInterrupt as e:
        raise ThreenosError(_nothing("stopped")) from e
    except (sa.exc.SQLAlchemyError, psycopg.Error, sqlite3.Error) as e:
        raise ThreenosError(_nothing(_why(e))) from e


def _nothing(why: str) -> str:
    return f"{why}\nNothing was moved: the file is as it was, and the target has nothing of it. Mend it and call again."


def _why(error: Exception) -> str:
    """What a database said, and at which row and column; not what stands there, which may be about a person."""
    said: BaseException = getattr(error, "orig", None) or error
    where = getattr(getattr(said, "diag", None), "context", None) or ""
    place = where.partition(": ")[0]
    return f"{str(said).splitlines()[0]}{f' ({place})' if place else ''}"
