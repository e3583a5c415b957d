"""What Alembic runs: the revisions, on the connection that it was handed."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from threenos_server.db import Instant
from threenos_server.errors import Conflict
from threenos_server.migrations import metadata


def render(kind: str, what: Any, _context: AutogenContext) -> str | Literal[False]:
    """A revision stands by itself: it says what a column is in the database, not what the code of today makes of it."""
    if kind == "type" and isinstance(what, Instant):
        return "sa.BigInteger()"
    return False


def compare_type(_context: Any, _found: Any, _meant: Any, found_type: Any, meant_type: Any) -> bool | None:
    """SQLite keeps no difference between the integer types."""
    if isinstance(found_type, sa.Integer) and isinstance(meant_type, sa.Integer | Instant):
        return False
    return None


def downgrade() -> None:
    """What every revision does when it is to be taken back."""
    raise Conflict("tables are never taken back to an older version: restore a backup made before the upgrade")


for script in context.script.walk_revisions():
    vars(script.module)["downgrade"] = downgrade
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_item=render,
    compare_type=compare_type,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
