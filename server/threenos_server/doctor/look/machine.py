"""This machine: files with their permissions, disks, packages, the newest backup."""

import os
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from threenos_server.broker import mosquitto
from threenos_server.doctor.keeping import Backups
from threenos_server.doctor.places import Place, Room
from threenos_server.errors import NotInstalled
from threenos_server.reports.exports import press
from threenos_server.settings import PREFIX, SECRETS, Settings

#: The keys without which an installation cannot go on as it was; `broker` is made anew without harm.
KEYS = ("pseudonym", "arrival")
#: How the files of a backup end, of either database; its manifest lies beside it.
BACKUPS = (".db", ".dump")
#: A system that does not answer so soon says nothing of its clock.
SAY_S = 5.0


def place(path: Path) -> Place:
    """A file or folder as it is now. Raises nothing: what cannot be seen is not there for us."""
    try:
        found = path.stat()
    except OSError as e:
        return Place(path, closed=not isinstance(e, FileNotFoundError))
    return Place(path, found.st_mode & 0o777, found.st_uid)


def key_files(data: Path) -> list[Place]:
    """The keys with their lengths; one that is no text has none."""
    return [_key_file(place(data / "keys" / name)) for name in KEYS]


def _key_file(seen: Place) -> Place:
    if seen.mode is None:
        return seen
    try:
        return replace(seen, length=len(seen.path.read_text().strip()))
    except UnicodeDecodeError:
        return seen
    except OSError:
        return replace(seen, closed=True)


def secret_files(config: Path | None, environ: Mapping[str, str]) -> list[Place]:
    """Every file in which a password of these settings stands."""
    named = [Path(environ[key]) for key in (f"{PREFIX}{s.upper()}_FILE" for s in sorted(SECRETS)) if environ.get(key)]
    return [place(path) for path in ([config] if config and _holds_secret(config) else []) + named]


def _holds_secret(config: Path) -> bool:
    """A database is one when its URL has a password, a place outside when it is a URL: who knows it can speak there."""
    try:
        found = {name: str(value) for name, value in tomllib.loads(config.read_text()).items() if name in SECRETS}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    plain = {name: not value.startswith("/") and "://" not in value for name, value in found.items()}
    return any(plain[name] or urlsplit(value).password or value.startswith("http") for name, value in found.items())


def rooms(paths: list[Path]) -> list[Room]:
    """The disks under these folders, each once."""
    found: dict[int, Room] = {}
    for path in paths:
        try:
            usage, device = shutil.disk_usage(path), path.stat().st_dev
        except OSError:
            continue
        found.setdefault(device, Room(path, usage.free, usage.total))
    return list(found.values())


def read_only(path: Path) -> bool:
    """Whether the kernel lets nobody write there, as it does after an error of the disk."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def backups(directory: Path | None) -> Backups | None:
    """The newest file in a folder of backups. One that is being written has a name with a dot in front."""
    if directory is None:
        return None
    try:
        files = [p.stat() for p in directory.iterdir() if p.is_file() and p.suffix in BACKUPS and p.name[0] != "."]
    except OSError as e:
        gone = isinstance(e, FileNotFoundError)
        return Backups(directory, None, error="" if gone else e.strerror or str(e))
    if not files:
        return Backups(directory, None)
    newest = max(files, key=lambda f: f.st_mtime)
    return Backups(directory, datetime.fromtimestamp(newest.st_mtime, UTC), newest.st_size)


def ruled(directory: Path) -> set[str] | None:
    """Whom the rules that `threenos broker-config` wrote there name; None when they cannot be read."""
    try:
        lines = (directory / mosquitto.RULES).read_text().splitlines()
    except OSError:
        return None
    return {line.removeprefix("user ").strip() for line in lines if line.startswith("user ")}


def written(path: str) -> datetime | None:
    """When a file was last written; None for none."""
    try:
        return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    except OSError:
        return None


def no_file(path: str) -> str:
    """Why no file of that name can be written; empty where one can be, and for a URL. Nothing is tried."""
    if not path or path.startswith(("http://", "https://")):
        return ""
    there = Path(path)
    try:
        if stat.S_ISDIR(there.parent.stat().st_mode):
            return f"{there} is a folder and no file" if there.is_dir() else ""
    except NotADirectoryError:
        pass
    except OSError as e:
        return f"{there.parent} " + ("is not there" if isinstance(e, FileNotFoundError) else f"is shut: {e.strerror}")
    return f"{there.parent} is a file and no folder"


def lacking(settings: Settings) -> list[tuple[str, str]]:
    """What cannot be done here for want of a package, and what to install. A page is really pressed to see."""
    found = []
    if not settings.mqtt_url and mosquitto.program() is None:
        found.append(
            ("there is no mosquitto: `threenos up` takes no station from outside", "apt-get install mosquitto")
        )
    if not settings.database_url().startswith("sqlite") and shutil.which("pg_dump") is None:
        found.append(("there is no pg_dump: no backup can be made", "apt-get install postgresql-client"))
    try:
        press.pressed("<p>三不 Threenos</p>")
    except NotInstalled as e:
        what, _, cure = e.detail.partition(": ")
        found.append((what, cure))
    except (RuntimeError, subprocess.TimeoutExpired) as e:
        found.append(
            (
                f"no report can be had as PDF: {str(e).strip().splitlines()[-1]}",
                "`python -m threenos_server.reports.exports.press < page.html` says more",
            )
        )
    return found


def clock_is_kept() -> bool | None:
    """Whether the system says that its clock is synchronised; None where it does not say."""
    try:
        done = subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=SAY_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())


def me() -> int:
    return os.geteuid()
