"""The journal as it stands in the database, column by column: a hash covers that, not what a type made of it."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.db import from_ms
from threenos_server.journal.model import HASHED, Row, Stored

COLUMNS = (*HASHED, "prev", "hash")
RAW = sa.table("journal", *(sa.column(name) for name in COLUMNS))
SELECT = sa.select(*RAW.c)
#: The rows of `site` after `seq`, in order, and at most `limit` of them. Every board asks this for every press, and
#: putting a query together costs as much as asking it.
FOLLOWING = SELECT.where(RAW.c.site == sa.bindparam("site"), RAW.c.seq > sa.bindparam("seq")).order_by(RAW.c.seq)
NEXT = FOLLOWING.limit(sa.bindparam("limit"))


def to_row(stored: Stored) -> Row:
    """A stored row with its instants and its body decoded."""
    site, seq, at, occurred, kind, line, station, complaint, actor, event_id, text, prev, digest = stored
    return Row(
        site, seq, from_ms(at), from_ms(occurred), kind, line, station, complaint, actor, event_id,
        msgspec.json.decode(text), prev, digest,
    )  # fmt: skip


def following(session: Session, site: str, seq: int) -> Iterator[Stored]:
    """Every row of a site after `seq`, streamed."""
    query = FOLLOWING.execution_options(yield_per=2000)
    with session.execute(query, {"site": site, "seq": seq}) as result:
        for r in result:
            yield tuple(r)


def batches(session: Session, site: str, size: int = 5000) -> Iterator[list[Stored]]:
    """Every row of a site as the driver gives it, streamed: also those that no append has written."""
    connection = session.connection()
    site_here = ":site" if connection.dialect.name == "sqlite" else "%(site)s"
    text = f"SELECT {', '.join(COLUMNS)} FROM journal WHERE site = {site_here} ORDER BY seq"
    streamed = {"stream_results": True, "max_row_buffer": size}
    with connection.exec_driver_sql(text, {"site": site}, execution_options=streamed) as result:
        while found := result.fetchmany(size):
            yield [tuple(row) for row in found]
