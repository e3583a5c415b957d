"""kill -9 of real processes at random: nothing is lost, nothing is twice; and five seeded faults are each caught."""

import secrets
from pathlib import Path

from chaos.storm import Plan, Report, run

FAULTY = Plan(
    0, 1, services=("broker", "intake", "agent"), victims=("intake",), pause_s=(0.1, 0.4), life_s=(0.0, 0.5),
    at_work=True, rest_s=15.0,
)  # fmt: skip


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_twice(tmp_path: Path) -> None:
    """About a minute: every process is killed several times, and twice the power is cut."""
    report = run(Plan(secrets.randbelow(2**32), 40, cut_every=15), tmp_path)
    print(report)
    assert report.violations == []
    assert report.events > 100
    assert report.notices > 10
    assert report.kills.total() == 40
    assert report.lost_bytes == 0


def _with(tmp_path: Path, fault: str, **plan: object) -> Report:
    """The same look at a system that has the fault, and that runs all the same."""
    fields = {name: getattr(FAULTY, name) for name in Plan.__slots__} | {"fault": fault} | plan
    report = run(Plan(**fields), tmp_path)
    print(report)
    assert "harness" not in report.kinds()
    return report


def test_an_ack_before_the_commit_is_caught(tmp_path: Path) -> None:
    """A kill between the two: the station has deleted what nobody has."""
    assert "lost" in _with(tmp_path, "ack_before_commit", kills=3).kinds()


def test_the_lack_of_a_unique_id_is_caught(tmp_path: Path) -> None:
    """What is said again is in the journal again."""
    assert "twice" in _with(tmp_path, "no_unique_id", kills=2).kinds()


def test_a_mark_before_the_send_is_caught(tmp_path: Path) -> None:
    """A gateway that was busy is not asked again."""
    services = (*FAULTY.services, "clock")
    assert "notice" in _with(tmp_path, "mark_before_send", services=services, victims=("clock",)).kinds()


def test_a_lost_fsync_is_caught(tmp_path: Path) -> None:
    """The power goes: what was acknowledged is on no disk."""
    report = _with(tmp_path, "lost_fsync", cut_every=1)
    assert report.lost_bytes > 0
    assert "lost" in report.kinds()


def test_a_swallowed_exception_is_caught(tmp_path: Path) -> None:
    """The station was told "accepted", and there is no row."""
    assert "lost" in _with(tmp_path, "swallowed_exception").kinds()
