"""Whatever is done to the journal behind its back is found, and the first broken row named. On both databases."""

from datetime import UTC, datetime

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threenos_server.db import Database
from threenos_server.journal import guard
from threenos_server.journal.model import Break, Entry, Head, row_hash
from threenos_server.journal.service import add_site, append, head
from threenos_server.journal.stored import COLUMNS
from threenos_server.journal.verify import verify, verify_every
from threenos_server.journal.witness import checkpoint, given_out, read_witnesses

NOW = datetime(2026, 11, 22, 2, 0, 0, tzinfo=UTC)
NUMBERS = ("seq", "at", "occurred_at")


def unguard(session: sa.orm.Session) -> None:
    """What somebody with the rights of the owner does first."""
    if session.get_bind().dialect.name == "sqlite":
        for name in ("update", "delete", "replace"):
            session.execute(sa.text(f"DROP TRIGGER journal_refuses_{name}"))
    else:
        session.execute(sa.text("ALTER TABLE journal DISABLE TRIGGER USER"))


def tamper(db: Database, *statements: str) -> Head | Break:
    """The verdict after statements that took no notice of the guard; nothing of it stays."""
    with db.write() as session:
        unguard(session)
        for statement in statements:
            session.execute(sa.text(statement))
        found = verify(session, "plant")
        session.rollback()
        return found


def test_a_whole_journal_has_its_head(journal: Database) -> None:
    """The same as the site's row says."""
    with journal.read() as session:
        assert verify(session, "plant") == head(session, "plant")


def test_update_delete_and_replace_are_refused(journal: Database) -> None:
    """By the database itself."""
    statements = ["UPDATE journal SET kind = 'x' WHERE seq = 2", "DELETE FROM journal WHERE seq = 8"]
    if journal.sqlite:
        statements.append("INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 2")
    else:
        statements.append("TRUNCATE journal")
    for statement in statements:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), journal.write() as session:
            session.execute(sa.text(statement))


def test_the_guard_can_be_put_up_again(journal: Database) -> None:
    """A migration may run its statements where `create_all` did before."""
    with journal.write() as session:
        for statement in guard.statements(session.get_bind().dialect.name):
            session.execute(sa.text(statement))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), journal.write() as session:
        session.execute(sa.text("DELETE FROM journal"))


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE journal SET body = '{}' WHERE seq = 4"], 4),
        (["DELETE FROM journal WHERE seq = 4"], 4),
        (["DELETE FROM journal WHERE seq = 1"], 1),
        (["DELETE FROM journal WHERE seq = 8"], 8),
        (["DELETE FROM journal"], 1),
        (["UPDATE journal SET site = 'other' WHERE seq = 3"], 3),
        (["UPDATE journal SET seq = 0 WHERE seq = 3"], 0),
        (["UPDATE journal SET seq = seq + 100 WHERE seq = 3", "UPDATE journal SET seq = 3 WHERE seq = 4",
          "UPDATE journal SET seq = 4 WHERE seq = 103"], 3),
        (["INSERT INTO journal (site, seq, at, occurred_at, kind, body, prev, hash) "
          "SELECT site, 9, at, occurred_at, kind, body, prev, hash FROM journal WHERE seq = 8"], 9),
        (["INSERT INTO journal (site, seq, at, occurred_at, kind, body, prev, hash) "
          "SELECT site, -1, at, occurred_at, kind, body, prev, hash FROM journal WHERE seq = 8"], -1),
        (["UPDATE site SET seq = 9"], 9),
        (["UPDATE site SET hash = 'x'"], 9),
        (["UPDATE journal SET kind = 'y' WHERE seq = 7", "UPDATE journal SET kind = 'x' WHERE seq = 2"], 2),
    ],
)  # fmt: skip
def test_the_first_broken_row_is_named(journal: Database, statements: list[str], broken: int) -> None:
    """After an update, a delete, an insert or a reorder."""
    found = tamper(journal, *statements)
    assert isinstance(found, Break)
    assert found.seq == broken, found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, 8), column=st.sampled_from(COLUMNS), data=st.data())
def test_every_change_of_a_single_row_is_found(journal: Database, seq: int, column: str, data: st.DataObject) -> None:
    """Any column of any row, whatever it is changed to."""
    texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=32)
    value = data.draw(st.integers(-5, 2**40) if column in NUMBERS else texts)
    with journal.write() as session:
        unguard(session)
        before = session.scalar(sa.text(f"SELECT {column} FROM journal WHERE seq = :seq"), {"seq": seq})
        taken = column == "seq" and 1 <= value <= 8
        if before != value and not taken:
            session.execute(sa.text(f"UPDATE journal SET {column} = :v WHERE seq = :seq"), {"v": value, "seq": seq})
            found = verify(session, "plant")
            assert isinstance(found, Break), (seq, column, value)
            assert found.seq <= seq
        session.rollback()


def rewrite(session: sa.orm.Session, seq: int) -> None:
    """Change a row and hash it and everything after it again, the site's row too: the chain alone is whole."""
    rows = session.execute(sa.text(f"SELECT {', '.join(COLUMNS)} FROM journal ORDER BY seq")).all()
    prev = rows[seq - 2].hash
    for row in rows[seq - 1 :]:
        hashed = tuple("forged" if c == "kind" and row.seq == seq else getattr(row, c) for c in COLUMNS[:-2])
        digest = row_hash(prev, hashed)
        values = {"kind": hashed[4], "prev": prev, "hash": digest, "seq": row.seq}
        session.execute(sa.text("UPDATE journal SET kind=:kind, prev=:prev, hash=:hash WHERE seq=:seq"), values)
        prev = digest
    session.execute(sa.text("UPDATE site SET hash = :hash"), {"hash": prev})


def test_a_rewritten_tail_shows_against_a_witness(journal: Database) -> None:
    """The chain alone is whole again; who remembers a row of the tail sees it."""
    with journal.read() as session:
        old = dict(session.execute(sa.text("SELECT seq, hash FROM journal")).all())
    with journal.write() as session:
        unguard(session)
        rewrite(session, 5)
        assert isinstance(verify(session, "plant"), Head)
        assert isinstance(verify(session, "plant", [Head(4, old[4])]), Head)
        found = verify(session, "plant", [Head(4, old[4]), Head(7, old[7])])
        session.rollback()
    assert isinstance(found, Break)
    assert found.seq == 7


def test_witnesses_that_disagree_show(journal: Database) -> None:
    """In whatever order they are heard: one of them saw another journal."""
    with journal.read() as session:
        known = head(session, "plant")
        forged = Head(known.seq, "f" * 64)
        assert verify(session, "plant", [known, known]) == known
        for said in ([known, forged], [forged, known]):
            found = verify(session, "plant", said)
            assert isinstance(found, Break)
            assert found.seq == known.seq


def test_a_row_without_a_number_shows_beside_a_witness(sqlite_db: Database) -> None:
    """SQLite takes any text for a number, which PostgreSQL does not; the verdict does not break of it."""
    plain = Database(sqlite_db.url)
    with plain.write() as session:
        add_site(session, "plant")
        append(session, "plant", [Entry("x", {}, NOW), Entry("y", {}, NOW)], NOW)
        unguard(session)
        columns = ", ".join(c for c in COLUMNS if c not in ("site", "seq"))
        text = f"INSERT INTO journal (site, seq, {columns}) SELECT site, 'abc', {columns} FROM journal WHERE seq = 2"
        session.execute(sa.text(text))
        found = verify(session, "plant", [head(session, "plant")])
    plain.close()
    assert isinstance(found, Break)
    assert (found.seq, "no number" in found.detail) == (3, True)


def test_a_cut_tail_shows_against_a_checkpoint(journal: Database) -> None:
    """The rest of the chain is whole; the checkpoint that left the machine knows that there was more."""
    with journal.write() as session:
        kept = checkpoint(session, "plant", NOW)
        assert checkpoint(session, "plant", NOW) == kept
        assert given_out(session, "plant") == [Head(8, kept.hash)]
    witnesses = read_witnesses([msgspec.json.encode(kept)])
    with journal.write() as session:
        unguard(session)
        session.execute(sa.text("DELETE FROM journal WHERE seq > 6"))
        session.execute(sa.text("UPDATE site SET seq = 6, hash = (SELECT hash FROM journal WHERE seq = 6)"))
        alone = verify(session, "plant")
        found = verify(session, "plant", witnesses["plant"])
        session.rollback()
    assert isinstance(alone, Head)
    assert isinstance(found, Break)
    assert found.seq == 7
    assert "cut" in found.detail


def test_rows_of_no_site_and_a_lost_site_are_found(journal: Database) -> None:
    """Every site is followed, and nothing stands beside them."""
    with journal.write() as session:
        unguard(session)
        assert verify_every(session, {}) == {"plant": head(session, "plant")}
        session.execute(sa.text("UPDATE journal SET site = 'ghost' WHERE seq = 8"))
        found = verify_every(session, {"gone": [Head(3, "ab" * 32)]})
        session.rollback()
    assert {site: type(verdict) for site, verdict in found.items()} == dict.fromkeys(("plant", "ghost", "gone"), Break)


def test_a_role_of_the_server_cannot_change_the_journal(postgres_db: Database) -> None:
    """In PostgreSQL it has no right to, trigger or not; the rest of its work it may do."""
    with postgres_db.write() as session:
        for statement in (*guard.role_statements("threenos_app"), "INSERT INTO site VALUES ('plant', 0, 'x')"):
            session.execute(sa.text(statement))
    for statement in ("UPDATE journal SET kind = 'x'", "DELETE FROM journal", "TRUNCATE journal"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), postgres_db.write() as session:
            session.execute(sa.text("SET LOCAL ROLE threenos_app"))
            session.execute(sa.text(statement))
    with postgres_db.write() as session:
        session.execute(sa.text("SET LOCAL ROLE threenos_app"))
        assert session.scalar(sa.text("SELECT id FROM site FOR UPDATE")) == "plant"
