"""`threenos journal export --parquet`, read back by an engine of its own."""

import json
import sys
from pathlib import Path

import duckdb
import pytest
from service.complaints.works import SITE, START
from service.reports.desk import Desk, rows
from service.reports.test_exports import PERIOD, tell

from threenos_server.cli import main
from threenos_server.reports import parquet


def read(directory: Path, name: str) -> str:
    """What DuckDB reads a data set by."""
    return f"read_parquet('{directory}/{name}/*/*/*.parquet', hive_partitioning = true)"


def test_duckdb_counts_the_same_pareto(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Complaints and units by defect, and complaints per thousand, are those of the report of the same period."""
    tell(desk)
    out = tmp_path / "lake"
    assert main(["journal", "export", "--parquet", str(out), "--database", desk.works.db.url, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["rows"]["journal"] == len(desk.works.rows()) + 1
    found = duckdb.sql(
        f"SELECT defect, count(*), sum(units) FROM {read(out, 'facts')} WHERE kind <> 'catch'"
        f" AND site = '{SITE}' AND day >= '{PERIOD['from']}' AND day < '{PERIOD['to']}' GROUP BY defect"
    ).fetchall()
    pareto = {key: (row["count"], row["units"]) for key, row in rows(desk.ask("pareto", **PERIOD)).items()}
    assert {defect: (n, units) for defect, n, units in found} == pareto
    (units,) = duckdb.sql(f"SELECT sum(units) FROM {read(out, 'output')} WHERE process = 'trimming'").fetchall()
    assert units[0] == pytest.approx(rows(desk.ask("three-nos", **PERIOD))["trimming"]["exposure"])
    months = {p.name for p in (out / "facts" / f"site={SITE}").iterdir()}
    assert months == {"month=2026-11", "month=2026-12"}


def test_the_journal_tells_no_person(desk: Desk, tmp_path: Path) -> None:
    """Every row is there in its order; who did it is not, neither beside the body nor in it."""
    desk.works.press("mill-1", defect="porosity")
    desk.works.contained("mill-2", defect="burr")
    with desk.works.db.read() as session:
        written = parquet.export(session, SITE, tmp_path)
    query = f"SELECT seq, kind, body FROM {read(tmp_path, 'journal')} ORDER BY seq"
    found = duckdb.sql(query).fetchall()
    assert [seq for seq, _, _ in found] == list(range(1, written["journal"] + 1))
    assert [kind for _, kind, _ in found][1:] == desk.works.kinds()
    assert "p-somebody" not in str(found)
    assert "porosity" in str(found)
    assert parquet.nameless({"then": [{"owner": "Chen Wei", "what": "sort"}]}) == {"then": [{"what": "sort"}]}


def test_a_second_export_replaces_the_first(desk: Desk, tmp_path: Path) -> None:
    """Nothing is counted twice, and what is not ours is left alone."""
    desk.works.press("mill-1", defect="porosity")
    (tmp_path / "facts" / "site=other").mkdir(parents=True)
    for _ in range(2):
        with desk.works.db.read() as session:
            parquet.export(session, SITE, tmp_path)
    assert duckdb.sql(f"SELECT count(*) FROM {read(tmp_path, 'facts')}").fetchall() == [(1,)]
    assert (tmp_path / "facts" / "site=other").is_dir()
    day = duckdb.sql(f"SELECT day FROM {read(tmp_path, 'facts')}").fetchall()
    assert day == [(START.date(),)]


def test_it_says_what_is_missing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without pyarrow the command fails with what to install; without FILE and DIR it asks for one."""
    data = ["--database", desk.works.db.url]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["journal", "export", "--parquet", str(tmp_path / "lake"), *data]) == 1
    way = f"{sys.prefix}/bin/pip install --require-hashes -r requirements-parquet.lock"
    assert f"pyarrow: in the folder of the release, {way}" in capsys.readouterr().err
    assert main(["journal", "export", *data]) == 1
    assert "name one of them" in capsys.readouterr().err
