"""Files that are there whole or not at all: of the server and of the station alike."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

import threenos_server.whole
import threenos_station.whole
from threenos_server import keys

BOTH = pytest.mark.parametrize("module", [threenos_server.whole, threenos_station.whole], ids=["server", "station"])


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What was had on the disk, in its order, and which files without a dot stood beside it or in it by then."""
    found: list[tuple[str, list[str]]] = []
    whole = os.fsync

    def fsync(descriptor: int) -> None:
        whole(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        folder = path if stat.S_ISDIR(os.fstat(descriptor).st_mode) else path.parent
        named = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
        found.append(("folder" if folder == path else "file", named))

    monkeypatch.setattr(os, "fsync", fsync)
    return found


@BOTH
def test_what_lasts_is_on_the_disk_with_its_name(module: Any, tmp_path: Path, synced: list[Any]) -> None:
    """First the content under another name, then the folder that has its name: between the two it is the old file."""
    module.put(tmp_path / "a", b"new", lasting=True)
    assert synced == [("file", []), ("folder", ["a"])]
    assert ((tmp_path / "a").read_bytes(), stat.S_IMODE((tmp_path / "a").stat().st_mode)) == (b"new", 0o600)


@BOTH
def test_what_need_not_last_waits_for_no_disk(module: Any, tmp_path: Path, synced: list[Any]) -> None:
    """And is whole all the same for whoever reads."""
    module.put(tmp_path / "a", b"old", lasting=False)
    module.put(tmp_path / "a", b"new", lasting=False)
    assert synced == []
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"new")]


@BOTH
def test_a_disk_that_fails_leaves_what_was_there(module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing half beside it."""
    module.put(tmp_path / "a", b"old", lasting=True)

    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        module.put(tmp_path / "a", b"new", lasting=True)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_one_that_is_to_be_fresh_replaces_nothing(tmp_path: Path) -> None:
    """The first of two that race counts."""
    threenos_server.whole.put(tmp_path / "a", b"first", lasting=True, fresh=True)
    with pytest.raises(FileExistsError):
        threenos_server.whole.put(tmp_path / "a", b"second", lasting=True, fresh=True)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"first")]


def test_a_key_is_on_the_disk_before_anything_is_written_by_it(tmp_path: Path, synced: list[Any]) -> None:
    """With its name: a power cut after the first press would else leave a journal of nobody."""
    keys.key(tmp_path, "pseudonym")
    assert synced == [("file", []), ("folder", ["pseudonym"])]
