"""kill -9 of real processes at random: nothing is lost or twice, nobody is left waiting; and bugs are found."""

from pathlib import Path

import pytest
from chaos import seeded, storm
from chaos.report import Plan

#: The same plans each time; `make chaos` makes others.
SEED = 20261123
#: Those that `make chaos FAULT=all` finds too, one of every kind of violation, each where it shows soonest.
HERE = (
    ("ack_before_commit", "sqlite"), ("no_unique_id", "sqlite"), ("swallowed_exception", "sqlite"),
    ("lost_fsync", "sqlite"), ("mark_before_send", "sqlite"), ("outbox_unsynced", "sqlite"),
)  # fmt: skip


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 18), ("postgresql", 12)])
def test_whatever_is_killed_nothing_is_lost_and_nothing_is_twice(database: str, kills: int, tmp_path: Path) -> None:
    """Every process is killed, the database too where it is one, and the power is cut."""
    report = storm.run(Plan(SEED, kills, database, cut_every=8), tmp_path)
    print(report)
    assert report.violations == []
    assert min(report.seen.events, report.notices, report.shown) > 0, "nothing happened in it"
    assert report.kills.total() == kills
    assert report.lost_bytes == 0


@pytest.mark.parametrize(("bug", "database"), HERE)
def test_a_seeded_bug_is_found(bug: str, database: str) -> None:
    """The verdict tells of it, in a system that runs all the same."""
    found = seeded.hunt(seeded.BUGS[bug], database, SEED)
    print(found.last)
    assert found.found
    assert "harness" not in found.last.kinds()
