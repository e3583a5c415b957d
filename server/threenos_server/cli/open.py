"""The database of a command, closed when the command ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from threenos_server.db import Database
from threenos_server.errors import Conflict, Invalid, NotFound, ThreenosError
from threenos_server.folds import FOLDS
from threenos_server.journal import service as journal
from threenos_server.migrations import is_empty, misfit, upgrade
from threenos_server.moving import left
from threenos_server.settings import Settings


@contextmanager
def database(settings: Settings, *, create: bool = True) -> Iterator[Database]:
    """The database of the settings, on whose tables this program must work. With `create` an empty one gets its tables.

    Raises NotFound when there is no database, Conflict when its tables are none that this program works with.
    """
    left.refuse(settings)
    if not settings.database:
        if not create and not (settings.data / "threenos.db").exists():
            raise NotFound(f"there is no database in {settings.data}; --data or --database names another place")
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with answering(settings) as db:
        if is_empty(db):
            if not create:
                raise NotFound("there is nothing in the database yet: `threenos db upgrade` makes its tables")
            upgrade(db)
        if reason := misfit(db):
            raise Conflict(reason)
        yield db


@contextmanager
def answering(settings: Settings) -> Iterator[Database]:
    """The database of the settings, whatever is in it.

    Raises ThreenosError for a URL of none, while it is away, and for what it refuses.
    """
    left.refuse(settings)
    try:
        db = Database(settings.database_url(), FOLDS)
    except (sa.exc.ArgumentError, ImportError) as e:
        raise Invalid(f"the database URL is not understood: {e}") from e
    try:
        yield db
    except sa.exc.OperationalError as e:
        raise ThreenosError(f"the database does not answer: {e.orig}") from e
    except sa.exc.DBAPIError as e:
        raise ThreenosError(f"the database refused it: {e.orig}") from e
    finally:
        db.close()


def one_site(db: Database, site: str | None) -> str:
    """The site that is meant: the one named, or the only one. Raises NotFound or Invalid."""
    with db.read() as session:
        known = journal.sites(session)
    if site is None and len(known) > 1:
        raise Invalid(f"there are several sites, so name one with --site: {', '.join(known)}")
    if not known:
        raise NotFound("there is no site yet: `threenos chain import FILE` makes one")
    if site is not None and site not in known:
        raise NotFound(f"there is no site {site!r}, only {', '.join(known)}")
    return site or known[0]
