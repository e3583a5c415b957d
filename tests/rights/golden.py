"""Writes the matrix of rights down: `PYTHONPATH=tests python -m rights.golden`, and read what changed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from browser import CHEAP
from rights import doors
from rights.asking import ASKERS, Undone, plant, routes, row, table

from threenos_server.db import sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade
from threenos_server.people import passwords

GOLDEN = Path(__file__).parent.parent / "golden" / "rights.md"
_HEAD = """# Who is told what

Made by `PYTHONPATH=tests python -m rights.golden` and compared by `tests/contract/test_rights.py`: a route that is not
here fails the build, and an answer that changed shows as a difference. Every role is held for one line of one site. A
cell is the status for something of that line, of another line (`=` when the request names none) and of another site;
one number when all are the same. 401 and 403 keep out; 404, 409 and 422 were let in and told why not.
"""
_SOCKETS = """## The board's socket

As above, and then for the whole site. `resume` and `disconnect` are heard from a socket that was let in.
"""
_PAGE = """## The page of a station's agent

At its own station, and at one that it does not have.
"""


def document(folder: Path) -> str:
    """The whole matrix, asked of a server and an agent in `folder`."""
    (folder / "static").mkdir()
    db = Undone(sqlite_url(folder), FOLDS)
    upgrade(db)
    passwords.use(CHEAP)
    try:
        works = plant(db, folder / "static")
        names = routes(works.app)
        # Pages and metrics come first, while there is little that the metrics have to tell.
        answers = {route: row(works, route) for route in sorted(names, key=works.declared.__contains__)}
        asked = {route: answers[route] for route in names}
        handlers, board = doors.sockets(works, db)
        assert set(handlers) == {"connect"} | doors.AFTER_CONNECT, f"nobody thought of {handlers}"
        page = doors.page(folder / "agent")
    finally:
        passwords.use(passwords.COST)
        db.close()
    parts = (_HEAD, table(ASKERS, asked), _SOCKETS, table(ASKERS, board), _PAGE, table(doors.PAGE_ASKERS, page))
    return "\n".join(parts)


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        GOLDEN.write_text(document(Path(made)), encoding="utf-8")
