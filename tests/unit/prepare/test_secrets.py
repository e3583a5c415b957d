"""What an installation that was tried in this tree has made is nobody else's: it is neither committed nor packed."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OURS = ("deploy/compose/secrets/superuser", "deploy/compose/.env")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What `.ci/release` works on, with the passwords of a trial; the wheel is stood in for."""
    for name in (".ci", "deploy"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path in (*ROOT.glob("*.lock"), *ROOT.glob("*.md"), ROOT / "station_client" / "README.md"):
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    for name in OURS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("secret")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text('#!/bin/sh\ncase "$1" in -c) echo 9.9 ;; *) touch "$7/wheel" ;; esac\n')
    (tmp_path / ".venv/bin/python").chmod(0o755)
    return tmp_path


def test_a_release_has_no_secrets_in_it(tree: Path) -> None:
    """Everything else of the folder is there."""
    done = subprocess.run([tree / ".ci" / "release"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "dist/threenos-9.9.tar.gz\n"), done.stderr
    with tarfile.open(tree / "dist" / "threenos-9.9.tar.gz") as packed:
        names = set(packed.getnames())
    assert {"threenos-9.9/wheel", "threenos-9.9/deploy/compose/secrets.sh"} <= names
    assert [name for name in names if "compose/secrets/" in name or name.endswith(".env")] == []


def test_secrets_are_not_committed() -> None:
    """Nor does the build of an image see them."""
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"deploy/compose/secrets/", "deploy/compose/.env"} <= set(ignored)
    seen = (ROOT / "deploy" / "compose" / "Dockerfile.dockerignore").read_text().splitlines()[1:]
    assert seen == ["*", "!requirements-server.lock", "!threenos-*.whl"]
