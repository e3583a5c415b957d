"""The next release comes while the line runs."""

from pathlib import Path

from releases import REVISION
from upgrading import upgraded_under_load


def test_an_upgrade_while_people_press_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Tables first, then intake, web and clock one after another; old and new work side by side meanwhile.

    How long the intake was away, on both databases, is what `make bench ONLY=upgrade` measures.
    """
    found = upgraded_under_load(tmp_path)
    print(f"{found.pressed} presses; the intake paused {found.pause_s:.1f} s")  # noqa: T201 - the figure of this run
    assert (found.lost, found.doubled, found.broken) == (0, 0, [])
    assert found.version == REVISION
