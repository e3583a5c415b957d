"""The page of faults keeps what another run found."""

from datetime import date
from pathlib import Path

from faults.table import Row, keep

DAY, LATER = date(2026, 11, 22), date(2026, 11, 23)


def test_a_run_of_some_faults_changes_their_rows_only(tmp_path: Path) -> None:
    """A row is known by its fault, its side and its database, and has a day of its own; families stand apart."""
    page = tmp_path / "faults.md"
    page.write_text("# Faults\n\nWhat came of them.\n")
    full = Row("disk full", "station", "SQLite", "first", recovered_s=0.5)
    again = [Row("disk full", "server", "SQLite", "second"), Row("EIO", "server", "SQLite", "")]
    keep(page, "disk", "Disks.", [full, Row("disk full", "server", "SQLite", "first")], DAY)
    keep(page, "links", "Cables.", [Row("cable out", "network", "SQLite", "a | b", lost=1)], DAY)
    keep(page, "disk", "Disks.", again, LATER)
    lines = page.read_text().splitlines()
    said = [line.split(" | ") for line in lines if line.startswith("| ")]
    assert [(row[0], row[1], row[3], row[-1]) for row in said if row[0] != "| fault"] == [
        ("| disk full", "station", "first", "2026-11-22 |"), ("| disk full", "server", "second", "2026-11-23 |"),
        ("| EIO", "server", "", "2026-11-23 |"), ("| cable out", "network", "a / b", "2026-11-22 |"),
    ]  # fmt: skip
    assert {len(row) for row in said} == {10}
    assert [line for line in lines if line.startswith("#")] == ["# Faults", "## disk", "## links"]


def test_a_fault_that_loses_something_does_not_hold() -> None:
    """Nor one after which something else is wrong."""
    assert Row("f", "w", "d", "").holds
    assert not Row("f", "w", "d", "", missed=1).holds
    assert "VIOLATED: too late" in Row("f", "w", "d", "", wrong=("too late",)).line()
