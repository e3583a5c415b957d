"""What `make` installs on a bare machine, and what it leaves alone."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def prepare(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program `.ci/prepare.py`, on a machine that lacks everything and may install nothing."""
    spec = importlib.util.spec_from_file_location("prepare", ROOT / ".ci" / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "prepare", module)
    spec.loader.exec_module(module)
    needs = tuple(module.Need(n.package, lambda: False, n.used_by, n.instead) for n in module.NEEDS)
    monkeypatch.setattr(module, "NEEDS", needs)
    monkeypatch.setattr(module, "apt", lambda: None)
    return module


@pytest.mark.parametrize(
    ("version", "will_do"),
    [
        ("v18.20.4", False), ("v20.18.9", False), ("v20.19.0", True), ("v21.7.3", False), ("v22.11.0", False),
        ("v22.12.0", True), ("v23.1.0", True), ("v24.19.0", True), ("", False),
    ],
)  # fmt: skip
def test_which_node_can_build_the_web(prepare: ModuleType, version: str, will_do: bool) -> None:
    """^20.19 or ≥ 22.12."""
    assert prepare.node_will_do(version) is will_do


def test_tests_need_every_package_and_name_them_in_one_line(
    prepare: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is skipped for want of a package."""
    assert prepare.system("test") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert {"mosquitto", "chromium", "postgresql"} <= set(line.split())


def test_the_demo_does_with_what_is_there(prepare: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it takes instead of mosquitto, and what it goes without."""
    assert prepare.system("demo") == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("mosquitto is not installed: the demo takes a smaller broker")
    assert "fonts-noto-cjk is not installed: reports in Chinese cannot be saved as PDF." in others


def test_what_is_installed_later_is_of_the_release_and_changes_nothing_else() -> None:
    """The lock files that a message names are packed, have what it speaks of, and agree with one another."""

    def versions(kind: str) -> dict[str, str]:
        found = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / f"requirements-{kind}.lock").read_text(), re.MULTILINE)
        return dict(found)

    server, parquet = versions("server"), versions("parquet")
    assert "pyarrow" in parquet and "gevent" in server
    assert {name: parquet[name] for name in parquet.keys() & server.keys()}.items() <= server.items()
    packed = next(line for line in (ROOT / ".ci" / "release").read_text().splitlines() if line.startswith("packed="))
    named = {
        lock
        for file in (ROOT / "server").rglob("*.py")
        for lock in re.findall(r"requirements-[\w-]+\.lock", file.read_text("utf-8"))
    }
    assert named == {"requirements-parquet.lock", "requirements-server.lock"}
    assert named <= set(re.findall(r"requirements-[\w-]+\.lock", packed))


def test_nobody_is_told_to_install_us_by_name() -> None:
    """An index may have anything under it: what is installed is the wheel of a release and its locked packages."""
    texts = [p for folder in ("server", "station_client", "deploy") for p in (ROOT / folder).rglob("*.*")]
    told = [p for p in texts if p.suffix in (".py", ".md", ".yaml") and "install 'threenos" in p.read_text("utf-8")]
    assert told == []


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    """Every requirement is pinned and hashed; no line says where to fetch it."""
    locks = sorted(ROOT.glob("requirements-*.lock"))
    kinds = ("dev", "fuzz", "node", "parquet", "server", "station")
    assert [p.name for p in locks] == [f"requirements-{kind}.lock" for kind in kinds]
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        assert not re.search(r"^\s*--(?!hash=sha256:)", text, re.MULTILINE)
        blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
        unpinned = [b for b in blocks if b.strip() and not b.startswith("#") and ("==" not in b or "--hash" not in b)]
        assert unpinned == []
