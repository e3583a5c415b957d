"""kill -9 of real processes at random: nothing is lost or twice, nobody is left waiting; and bugs are found."""

import secrets
from pathlib import Path

import pytest
from chaos import seeded, storm
from chaos.report import Plan

#: Those that `make chaos FAULT=all` finds too, one of every kind of violation, each where it shows soonest.
HERE = (
    ("ack_before_commit", "sqlite"), ("no_unique_id", "sqlite"), ("swallowed_exception", "sqlite"),
    ("lost_fsync", "sqlite"), ("mark_before_send", "sqlite"), ("outbox_unsynced", "sqlite"),
)  # fmt: skip


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 18), ("postgresql", 12)])
def test_whatever_is_killed_nothing_is_lost_and_nothing_is_twice(database: str, kills: int, tmp_path: Path) -> None:
    """Every process is killed, the database too where it is one, and the power is cut."""
    report = storm.run(Plan(secrets.randbelow(2**32), kills, database, cut_every=8), tmp_path)
    print(report)
    assert report.violations == []
    assert report.seen.events > 100
    assert report.notices > 10
    assert report.shown > 10
    assert report.kills.total() == kills
    assert report.lost_bytes == 0


@pytest.mark.parametrize(("bug", "database"), HERE)
def test_a_seeded_bug_is_found(bug: str, database: str) -> None:
    """The verdict tells of it, in a system that runs all the same."""
    found = seeded.hunt(seeded.BUGS[bug], database, secrets.randbelow(2**32))
    print(found.last)
    assert found.found
    assert "harness" not in found.last.kinds()
