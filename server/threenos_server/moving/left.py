"""The file that a move left behind: while it lies there nobody begins an empty system in its place by mistake."""

from pathlib import Path

from threenos_server.errors import Conflict
from threenos_server.settings import Settings


def behind(file: Path) -> Path:
    """The name that a database file has after it was moved."""
    return file.with_name(f"{file.name}.moved")


def refuse(settings: Settings) -> None:
    """Raises Conflict when the database of the data directory was moved and none is named instead."""
    file = behind(settings.data / "threenos.db")
    if not settings.database and file.exists():
        raise Conflict(
            f"the database of {settings.data} was moved to PostgreSQL: set `database` to where it is. "
            f"To go back to what it was before, rename {file} to threenos.db"
        )
