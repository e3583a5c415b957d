"""The archive of the journal beside the journal itself. Nothing in the folder is made, cut or changed."""

import os
from pathlib import Path

from sqlalchemy.orm import Session

from threenos_server.backups.archive import standing
from threenos_server.db import Database, from_ms
from threenos_server.doctor.keeping import Archived
from threenos_server.journal import service, stored
from threenos_server.journal.model import EMPTY, Head


def shut(directory: Path) -> str:
    """Why nobody finds an archive there; empty where one can look. A glob takes all of these for an empty folder."""
    try:
        with os.scandir(directory):
            return ""
    except FileNotFoundError:
        return "is not there"
    except NotADirectoryError:
        return "is a file and no folder"
    except OSError as e:
        return f"cannot be read: {e.strerror}"


def reaches(db: Database, directory: Path) -> dict[str, Archived]:
    """How far the archive reaches of each site. It is read first, since it never has what the journal does not."""
    with db.read() as session:
        sites = service.sites(session)
    seen = {site: _last(directory, site) for site in sites}
    with db.read() as session:
        return {site: _beside(session, site, last) for site, last in seen.items()}


def _last(directory: Path, site: str) -> Head | str:
    """The last row there, or why it cannot be read."""
    try:
        return standing(directory, site)
    except OSError as e:
        return e.strerror or str(e)
    except ValueError as e:
        return f"what stands there of {site} is no archive: {e}"


def _beside(session: Session, site: str, last: Head | str) -> Archived:
    head = service.head(session, site).seq
    if isinstance(last, str):
        return Archived(0, head, error=last)
    if last != EMPTY:
        here = _next(session, site, last.seq - 1)
        if here is None or here[0] != last:
            words = f"it has a row {last.seq} of {site} that this journal does not have"
            return Archived(last.seq, head, error=words)
    lacks = _next(session, site, last.seq)
    return Archived(last.seq, head, from_ms(lacks[1]) if lacks else None)


def _next(session: Session, site: str, seq: int) -> tuple[Head, int] | None:
    """The row behind `seq` and when it was received."""
    found = session.connection().execute(stored.NEXT, {"site": site, "seq": seq, "limit": 1}).one_or_none()
    return (Head(found.seq, found.hash), found.at) if found else None
