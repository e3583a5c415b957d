"""What the program's own text never does, so that whole kinds of attack have nothing to work on."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PYTHON = ("server/threenos_server", "server/threenos_wire", "station_client/threenos_station")
#: Calls that run text as a program, or read what can make any object.
RUNS_TEXT = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load", "pickle.loads",
             "marshal.loads", "shelve.open", "yaml.load", "yaml.unsafe_load"}  # fmt: skip
WEAK = {"hashlib.md5", "hashlib.sha1", "random.random", "random.choice", "random.randint", "random.randrange"}
XML = {"xml", "lxml", "defusedxml"}
_PORTS = "server/threenos_server/up/sockets.py"


@cache
def _trees() -> dict[str, ast.Module]:
    """Each module by its path; the demo plays with chance and serves nobody."""
    files = (file for folder in PYTHON for file in (ROOT / folder).rglob("*.py"))
    return {str(f.relative_to(ROOT)): ast.parse(f.read_text(encoding="utf-8")) for f in files if "/demo/" not in str(f)}


def _calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Every call: where it stands, itself, and the dotted name that it calls."""
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield f"{path}:{node.lineno}", node, ast.unparse(node.func)


def test_no_text_is_run_and_no_object_is_unpacked() -> None:
    """No eval, no shell's text, no pickle: neither code nor objects come out of data."""
    assert [f"{where} {name}" for where, _, name in _calls() if name in RUNS_TEXT] == []


def test_programs_are_started_by_a_list_of_words() -> None:
    """Never through a shell, but for a hook that the administrator of the machine writes on the command line."""
    shells = [
        where
        for where, call, _ in _calls()
        for word in call.keywords
        if word.arg == "shell" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
    ]
    assert [where for where in shells if not where.startswith("server/threenos_server/cli/")] == []


def test_statements_are_never_put_together_from_values() -> None:
    """What is executed as SQL is a constant or made by SQLAlchemy; only names out of the code are put into it."""
    executes = ("execute", "exec_driver_sql", "text", "executemany", "executescript")
    made = [
        f"{where} {ast.unparse(call.args[0])}"
        for where, call, name in _calls()
        if name.rpartition(".")[2] in executes and call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    values = re.compile(r"\{(?!_|live\b)[^}]*\b(?:request|body|query|path\[|call\.|event|payload)")
    assert [one for one in made if values.search(one)] == []


def test_no_weak_hash_and_no_guessable_chance() -> None:
    """Secrets come from the system's generator; MD5, SHA-1 and `random` make none."""
    found = [f"{where} {name}" for where, _, name in _calls() if name in WEAK]
    # How long a client waits before it tries again, and which port a test system takes, are no secrets.
    assert [one for one in found if "random" not in one or not one.startswith(("station", _PORTS))] == []


def test_xml_is_read_in_workbooks_only() -> None:
    """Behind limits that are tested with bombs; nowhere else are there entities to expand or paths to inject into."""
    imported = {
        (path, alias.name.partition(".")[0])
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (path, (node.module or "").partition(".")[0])
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert {path for path, name in imported if name in XML} <= {"server/threenos_server/chain/xlsx.py"}


@pytest.mark.parametrize(
    "never",
    [r"v-html", r"\.innerHTML", r"\.outerHTML", r"insertAdjacentHTML", r"document\.write\(", r"\beval\(",
     r"new Function\(", r"javascript:", r"postMessage\(", r"window\.onmessage", r"addEventListener\(.message.",
     r"dangerouslySet"],
)  # fmt: skip
def test_no_page_makes_a_script_or_a_tag_of_text(never: str) -> None:
    """Vue writes text as text; the worker of the tablet page is spoken to by nobody but its own page."""
    sources = [p for p in (ROOT / "web" / "src").rglob("*") if p.suffix in (".vue", ".ts")]
    assert len(sources) > 100
    found = [str(p.relative_to(ROOT)) for p in sources if re.search(never, p.read_text(encoding="utf-8"))]
    assert [p for p in found if "/worker/" not in p] == []


def test_no_secret_is_in_the_source() -> None:
    """Neither a private key nor a token of a usual form is committed with the program."""
    kinds = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|ghp_\w{30}|AKIA[0-9A-Z]{16}|xox[bap]-\w{10}")
    folders = ("server", "station_client", "web/src", "deploy", ".ci")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file() and p.stat().st_size < 500_000]
    text = (p for p in files if p.suffix in (".py", ".ts", ".vue", ".md", ".toml", ".yaml", ".conf", ".json", ""))
    assert [str(p) for p in text if kinds.search(p.read_text(encoding="utf-8", errors="replace"))] == []
