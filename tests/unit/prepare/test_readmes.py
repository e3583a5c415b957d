"""The pages about the source are true to it: its folders, the order of its layers, what is counted."""

import re
import tomllib
from pathlib import Path

from chaos.seeded import BUGS

ROOT = Path(__file__).parents[3]
SERVER = ROOT / "server" / "threenos_server"
_NUMBERS = {"ten": 10, "fifteen": 15, "twenty": 20}


def test_the_server_lists_every_folder_and_module() -> None:
    """And none that is not there; the built pages are no source."""
    page = (ROOT / "server" / "README.md").read_text()
    folders = {p.name for p in SERVER.iterdir() if p.is_dir() and p.name not in ("static", "__pycache__")}
    rows = "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)/`", rows)) == folders
    modules = {p.stem for p in SERVER.glob("*.py")} - {"__init__"}
    (top,) = re.findall(r"(?s)At the top level: (.*?)\n\n", page)
    assert set(re.findall(r"`(\w+)`", top)) == modules


def test_the_order_of_imports_is_the_one_that_is_checked() -> None:
    """In both pages that say it, by pyproject's layers."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    (edges,) = [c["forbidden_modules"] for c in contracts if c["name"] == "nobody imports the edges"]
    order = " < ".join(
        reversed([name.rpartition(".")[2] for name in layers[: layers.index("threenos_server.journal") + 1]])
    )
    server, work = (ROOT / "server" / "README.md").read_text(), (ROOT / "CONTRIBUTING.md").read_text()
    assert f"`{order}`" in server
    assert f"`wire < {order}`" in work
    named = [name.rpartition(".")[2] for name in edges]
    assert [name for name in named if not re.search(rf"^\| .*`{name}/`.*\| .*edge", server, re.M)] == []
    (said,) = re.findall(r"(?s)a higher one\. (.*?) are edges", work)
    assert sorted(re.findall(r"`(\w+)`", said)) == sorted(named)


def test_the_changes_count_the_seeded_bugs() -> None:
    """As many as there are."""
    (said,) = re.findall(r"knows (\w+) seeded bugs", (ROOT / "CHANGELOG.md").read_text())
    assert _NUMBERS[said] == len(BUGS)
