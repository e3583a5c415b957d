"""`threenos report spc` as a script uses it: files, options, JSON, tables, exit codes; no database is made."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from threenos_server import cli
from threenos_server.reports.figures.charts import Kind

GOLDEN = Path(__file__).parents[2] / "golden" / "spc"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine that runs the tests counts, and what would be written is seen."""
    monkeypatch.delenv("THREENOS_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def renamed(name: str, keep: int | None = None, **columns: str) -> str:
    """A published set with the columns that the command asks for: new name = the set's name."""
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:keep]
    lines = [",".join(columns), *(",".join(row[old] for old in columns.values()) for row in rows)]
    Path("set.csv").write_text("\n".join(lines), encoding="utf-8")
    return "set.csv"


JUICE = {"label": "sample", "count": "defective", "size": "size"}


def spc(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert cli.main(["report", "spc", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_json_has_the_chart_its_centre_and_every_point(capsys: pytest.CaptureFixture[str]) -> None:
    """The published limits of thirty samples, and the two points beyond them."""
    chart = spc(capsys, "--chart", "p", "--csv", renamed("01_orangejuice_p_np", 30, **JUICE))
    assert (chart["chart"], round(chart["centre"], 7), chart["sigma_z"]) == ("p", 0.2313333, None)
    assert len(chart["points"]) == 30
    assert set(chart["points"][0]) == {"label", "value", "lower", "upper", "rules"}
    assert [p["label"] for p in chart["points"] if "nelson-1" in p["rules"]] == ["15", "23"]
    assert not list(Path().glob("threenos-data*"))


def test_excluded_labels_and_a_frozen_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    """The revised limits judge what follows sample 30, by the rules that are asked for."""
    words = ["--chart", "p", "--csv", renamed("01_orangejuice_p_np", 54, **JUICE), "--exclude", "15, 23"]
    chart = spc(capsys, *words, "--phase-at", "31", "--rules", "western-electric")
    assert round(chart["centre"], 7) == 0.215
    assert {round(p["upper"], 7) for p in chart["points"]} == {0.3892972}
    assert [p["label"] for p in chart["points"] if "western-electric-1" in p["rules"]] == ["15", "21", "23", "41"]
    own = spc(capsys, *words, "--phase-at", "31", "--phase-limits", "own")
    assert [round(phase["centre"], 7) for phase in own["phases"]] == [0.215, 0.1108333]
    assert round(own["points"][53]["upper"], 7) == 0.2440207
    none = spc(capsys, *words, "--rules", "none")
    assert {rule for p in none["points"] for rule in p["rules"]} == set()


def test_laney_has_its_sigma_z(capsys: pytest.CaptureFixture[str]) -> None:
    """To the printed digits."""
    file = renamed("05_purchase_orders_p_variable", label="sample", count="nonconforming", size="size")
    assert round(spc(capsys, "--chart", "p-prime", "--csv", file)["sigma_z"], 6) == 0.965674


def test_options_of_ewma_and_cusum(capsys: pytest.CaptureFixture[str]) -> None:
    """Target, sigma, weight and width; slack and interval; a CUSUM's sums and counters in each point."""
    file = renamed("12_nist_ewma", label="t", value="x")
    given = ["--csv", file, "--target", "50", "--sigma", "2.0539"]
    ewma = spc(capsys, "--chart", "ewma", *given, "--lambda", "0.3", "--l", "3")
    assert ewma["points"][0]["value"] == pytest.approx(50.6)
    assert {round(p["upper"], 4) for p in ewma["points"]} == {52.5884}
    cusum = spc(capsys, "--chart", "cusum", *given, "--k", "0.5", "--h", "4")
    first = cusum["points"][0]
    assert (first["c_plus"], first["n_plus"]) == (pytest.approx(2 - 0.5 * 2.0539), 1)
    assert (first["c_minus"], first["n_minus"], first["value"]) == (0, 0, 52)
    assert first["upper"] == pytest.approx(4 * 2.0539)


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
def test_every_kind_draws_a_table_and_json(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """From one file that has all the columns, in any order, and others."""
    rows = [f"{5 + n % 4},note,{10 + n},{n},{5 + n % 3}" for n in range(6)]
    Path("all.csv").write_text("\n".join(["value,remark,size,label,count", *rows]), encoding="utf-8")
    assert len(spc(capsys, "--chart", kind, "--csv", "all.csv")["points"]) == 6
    assert cli.main(["report", "spc", "--chart", kind, "--csv", "all.csv"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"{kind} chart"
    assert "too few to judge" in "\n".join(shown)
    heading = next(n for n, line in enumerate(shown) if line.split()[0] == "value")
    assert len(shown[heading + 1 :]) == 6


def test_exact_limits(capsys: pytest.CaptureFixture[str]) -> None:
    """On counts; where there are none it is wrong use."""
    Path("c.csv").write_text("label,count\na,1\nb,0\nc,2\n", encoding="utf-8")
    chart = spc(capsys, "--chart", "c", "--csv", "c.csv", "--limits", "exact")
    assert (chart["points"][0]["lower"], chart["points"][0]["upper"]) == (0, 5)
    Path("p.csv").write_text("label,count,size\na,1,2.5\n", encoding="utf-8")
    refused = spc(capsys, "--chart", "p", "--csv", "p.csv", "--limits", "exact", code=1)
    assert refused["faults"][0]["where"] == "p.csv line 2, column size"
    assert spc(capsys, "--chart", "u-prime", "--csv", "p.csv", "--limits", "exact", code=2)["faults"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--chart", "c", "--k", "1"], "--k"),
        (["--chart", "p", "--sigma", "1"], "--sigma"),
        (["--chart", "cusum", "--lambda", "0.2"], "--lambda"),
        (["--chart", "cusum", "--l", "3"], "--l"),
        (["--chart", "p", "--target", "1.5"], "--target"),
        (["--chart", "c", "--target", "-1"], "--target"),
        (["--chart", "c", "--limits", "weibull"], "--limits"),
        (["--chart", "funnel", "--phase-at", "a"], "--phase-at"),
        (["--chart", "c", "--phase-limits", "own"], "--phase-limits"),
    ],
)
def test_an_option_that_means_nothing_is_wrong_use(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, and the exit code is 2."""
    assert cli.main(["report", "spc", *words, "--csv", "any.csv"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--chart", "pie", "--csv", "a.csv"],
        ["--chart", "c"],
        ["--chart", "ewma", "--csv", "a.csv", "--lambda", "1.5"],
        ["--chart", "ewma", "--csv", "a.csv", "--lambda", "x"],
        ["--chart", "cusum", "--csv", "a.csv", "--sigma", "0"],
        ["--chart", "cusum", "--csv", "a.csv", "--k", "-1"],
        ["--chart", "cusum", "--csv", "a.csv", "--target", "nan"],
    ],
)
def test_values_that_cannot_be_are_wrong_use(words: list[str]) -> None:
    """A chart that there is not, no file, a weight over one, a sigma of nothing."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(["report", "spc", *words])
    assert stopped.value.code == 2


def test_a_bad_file_is_1_and_names_file_line_column_and_cure(capsys: pytest.CaptureFixture[str]) -> None:
    """In words on standard error, and the same as JSON."""
    Path("bad.csv").write_text("label,count,size\n1,2,50\n2,9,5\n", encoding="utf-8")
    assert cli.main(["report", "spc", "--chart", "p", "--csv", "bad.csv"]) == 1
    assert "bad.csv line 3, column count: 9 bad of 5 cannot be; correct it" in capsys.readouterr().err
    assert (
        spc(capsys, "--chart", "p", "--csv", "bad.csv", code=1)["faults"][0]["where"] == "bad.csv line 3, column count"
    )
    assert cli.main(["report", "spc", "--chart", "p", "--csv", "none.csv"]) == 1
    assert "none.csv" in capsys.readouterr().err


def test_labels_that_no_row_has_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """For what is excluded, and for where a phase begins; nor can a phase begin with the first row."""
    Path("c.csv").write_text('label,count\na,1\n"b, c",2\nd,2\n', encoding="utf-8")
    file = ["--chart", "c", "--csv", "c.csv"]
    assert spc(capsys, *file, "--exclude", "x,d", code=1)["faults"][0]["where"] == "--exclude x"
    assert spc(capsys, *file, "--phase-at", "x", code=1)["faults"][0]["where"] == "--phase-at x"
    assert "first row" in spc(capsys, *file, "--phase-at", "a", code=1)["error"]
    assert "No row is left" in spc(capsys, *file, "--exclude", 'a,"b, c",d', code=1)["error"]
    assert spc(capsys, *file, "--exclude", "b, c")["centre"] == 1.5
    assert spc(capsys, *file, "--exclude", "a", "--exclude", "d")["centre"] == 2


def test_a_funnel_wants_each_process_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Two rows of one process would each be judged by a part."""
    Path("f.csv").write_text("label,count,size\nweld,1,50\nweld,2,50\n", encoding="utf-8")
    assert "twice" in spc(capsys, "--chart", "funnel", "--csv", "f.csv", code=1)["error"]
    assert len(spc(capsys, "--chart", "u", "--csv", "f.csv")["points"]) == 2
