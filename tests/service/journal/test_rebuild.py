"""A rebuild gives the live tables again, and says where they are not what the journal says. On both databases."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.db import Database
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Entry, Row
from threenos_server.journal.rebuild import compare, rebuild
from threenos_server.journal.service import add_site, append

NOW = datetime(2026, 11, 22, tzinfo=UTC)
METADATA = sa.MetaData()
SEEN = sa.Table(
    "seen",
    METADATA,
    sa.Column("site", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("times", sa.Integer),
    sa.Column("last", sa.JSON),
)


def count(session: Session, rows: Sequence[Row]) -> None:
    """How often each name was said, and in which row last."""
    for row in rows:
        key = {"site": row.site, "name": row.body["name"]}
        mine = sa.and_(SEEN.c.site == key["site"], SEEN.c.name == key["name"])
        times = session.scalar(sa.select(SEEN.c.times).where(mine)) or 0
        session.execute(sa.delete(SEEN).where(mine))
        session.execute(sa.insert(SEEN).values(**key, times=times + 1, last={"seq": row.seq}))


FOLDS = (Fold("seen", count, (SEEN,)),)


@pytest.fixture
def counted(either_db: Database) -> Iterator[Database]:
    """Two sites with names in mixed case and two scripts, each name several times."""
    db = Database(either_db.url, FOLDS)
    METADATA.create_all(db.engine)
    with db.write() as session:
        for site in ("east", "west"):
            add_site(session, site)
            for i in range(3):
                names = ("b", "A", "a", "涂", "Z", "é")
                entries = [Entry("x", {"name": n, "digest": "0" * 64}, NOW, event_id=f"{site}-{i}-{n}") for n in names]
                append(session, site, entries, NOW)
    yield db
    db.close()


def content(db: Database) -> list[tuple[object, ...]]:
    with db.read() as session:
        events = session.execute(sa.text("SELECT * FROM event_id ORDER BY id")).all()
        return [tuple(r) for r in (*session.execute(sa.select(SEEN).order_by(SEEN.c.site, SEEN.c.name)), *events)]


def test_a_rebuild_equals_the_live_tables(counted: Database) -> None:
    """All tables of the site are emptied and filled again; the other site is not touched."""
    live = content(counted)
    with counted.write() as session:
        assert compare(session, "east", FOLDS) == []
        session.execute(sa.delete(SEEN).where(SEEN.c.site == "east", SEEN.c.name == "a"))
        session.execute(sa.update(SEEN).where(SEEN.c.site == "west", SEEN.c.name == "a").values(times=9))
        assert rebuild(session, "east", FOLDS) == 18
        session.execute(sa.update(SEEN).where(SEEN.c.site == "west", SEEN.c.name == "a").values(times=3))
    assert content(counted) == live


def test_a_comparison_names_table_row_and_column(counted: Database) -> None:
    """A row too few, a row too much, and a row that is another."""
    with counted.write() as session:
        session.execute(sa.delete(SEEN).where(SEEN.c.site == "east", SEEN.c.name == "Z"))
        session.execute(sa.insert(SEEN).values(site="east", name="added", times=1, last={}))
        session.execute(sa.update(SEEN).where(SEEN.c.site == "east", SEEN.c.name == "涂").values(times=7))
        session.execute(sa.text("UPDATE event_id SET digest = 'forged' WHERE id = 'east-1-b'"))
    before = content(counted)
    with counted.write() as session:
        found = [str(difference) for difference in compare(session, "east", FOLDS)]
        assert compare(session, "west", FOLDS) == []
    assert found == [
        f"event_id ('east-1-b',): digest is 'forged', by the journal '{'0' * 64}'",
        "seen ('east', 'Z'): missing",
        "seen ('east', 'added'): too much",
        "seen ('east', '涂'): times is 7, by the journal 3",
    ]
    assert content(counted) == before, "a comparison keeps nothing"


def test_a_comparison_stops_at_its_limit(counted: Database) -> None:
    """It is for reading."""
    with counted.write() as session:
        session.execute(sa.update(SEEN).values(times=0))
        assert len(compare(session, "east", FOLDS, limit=2)) == 2


def test_a_table_without_a_site_cannot_be_rebuilt(counted: Database) -> None:
    """It would be emptied for all sites, so it is said instead."""
    bare = sa.Table("bare", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    with pytest.raises(LookupError, match="bare"), counted.write() as session:
        rebuild(session, "east", (Fold("bare", count, (bare,)),))
