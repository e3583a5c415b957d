"""Sets a machine up for `make demo` and `make test`: what is there already is left alone. Standard library only.

`prepare.py system demo|test|faults`  packages of the operating system, through apt when that is allowed
`prepare.py venv`              the virtual environment .venv with the locked packages and Threenos itself
`prepare.py node`              a Node that can build the web, from PyPI when the machine has none
"""

import ctypes.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"


@dataclass(frozen=True)
class Need:
    """Something from outside: how to see that it is there, Debian's package for it, and who cannot do without."""

    package: str
    there: Callable[[], bool]
    used_by: frozenset[str]
    instead: str = ""  # what happens without it, where that is possible


def command(*names: str) -> Callable[[], bool]:
    """A probe for any of these commands; /usr/sbin counts, though it is not on everybody's PATH."""
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    return lambda: any(shutil.which(name, path=path) for name in names)


def library(name: str) -> Callable[[], bool]:
    """A probe for a shared library."""
    return lambda: bool(ctypes.util.find_library(name))


def postgres_there() -> bool:
    """Debian keeps initdb off the PATH, by version."""
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def chinese_font_there() -> bool:
    """Without one a PDF in Chinese cannot be printed, and the browser tests would photograph little boxes."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False).stdout.strip())


ALL, TEST = frozenset({"demo", "test", "faults"}), frozenset({"test", "faults"})
FAULTS = frozenset({"faults"})
NEEDS = (
    Need("mosquitto", command("mosquitto"), ALL, "the demo takes a smaller broker that comes with its Python packages"),
    Need("mosquitto-clients", command("mosquitto_pub"), TEST),
    Need("nginx", command("nginx"), TEST),
    Need("chromium", command("chromium", "chromium-browser", "google-chrome"), TEST),
    Need("libpangoft2-1.0-0", library("pangoft2-1.0"), ALL, "reports cannot be saved as PDF"),
    Need("libharfbuzz-subset0", library("harfbuzz-subset"), ALL, "to save a report as PDF takes longer"),
    Need("fontconfig", command("fc-list"), ALL, "reports cannot be saved as PDF"),
    Need("fonts-noto-cjk", chinese_font_there, ALL, "reports in Chinese cannot be saved as PDF"),
    Need("poppler-utils", command("pdftotext"), TEST),
    Need("postgresql", postgres_there, TEST),
    Need("systemd", command("systemd-analyze"), TEST),
    Need("gcc", command("cc", "gcc"), FAULTS),
    Need("libc6-dev", lambda: Path("/usr/include/stdlib.h").exists(), FAULTS),
    Need("iproute2", command("ip"), FAULTS),
    Need("nftables", command("nft"), FAULTS),
)


def apt() -> list[str] | None:
    """The command that may install packages here, or None."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return None


def install(packages: list[str]) -> bool:
    """Whether apt installed them; its lists are fetched first, since a bare machine has none."""
    get = apt()
    if get is None:
        return False
    print(f"Installing {' '.join(packages)} …", flush=True)
    subprocess.run([*get, "update", "-q"], check=False)
    return (
        subprocess.run([*get, "install", "-q", "-y", "--no-install-recommends", *packages], check=False).returncode == 0
    )


def system(goal: str) -> int:
    """Install what `goal` needs and the machine lacks; 1 when something stays missing that it cannot do without."""
    missing = [need for need in NEEDS if goal in need.used_by and not need.there()]
    if not missing:
        return 0
    install([need.package for need in missing])
    missing = [need for need in missing if not need.there()]
    hard = [need for need in missing if not (goal == "demo" and need.instead)]
    for need in missing:
        if need not in hard:
            print(f"{need.package} is not installed: {need.instead}.")
    if hard:
        print(
            f"Please install, then run this again: apt-get install {' '.join(n.package for n in hard)}", file=sys.stderr
        )
    return 1 if hard else 0


def pip(*arguments: str) -> None:
    command_line = [str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]
    subprocess.run(command_line, check=True, cwd=ROOT)


def venv() -> int:
    """Make .venv when there is none that works, and bring its packages to what the lock file says."""
    works = (
        subprocess.run([BIN / "python", "-m", "pip", "--version"], capture_output=True, check=False)
        if BIN.exists()
        else None
    )
    if works is None or works.returncode:
        print("Making the virtual environment .venv …", flush=True)
        make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        if subprocess.run(make, check=False).returncode and not (
            install(["python3-venv"]) and not subprocess.run(make, check=False).returncode
        ):
            print("Please install, then run this again: apt-get install python3-venv", file=sys.stderr)
            return 1
    print("Installing the locked Python packages …", flush=True)
    pip("--require-hashes", "-r", "requirements-dev.lock")
    pip("--no-deps", "--no-build-isolation", "-e", ".")
    return 0


def node_will_do(version: str) -> bool:
    """Whether a Node of this `node --version` can build the web: ^20.19 or ≥ 22.12, as its toolchain asks."""
    found = re.match(r"v(\d+)\.(\d+)", version)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def node() -> int:
    """Install Node from PyPI into .venv unless the machine has one that will do, with its npm."""
    if shutil.which("node") and shutil.which("npm"):
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
        if node_will_do(version):
            return 0
    print("Installing Node from PyPI …", flush=True)
    pip("--require-hashes", "-r", "requirements-node.lock")
    return 0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["system", ("demo" | "test" | "faults") as goal]:
            return system(goal)
        case ["venv"]:
            return venv()
        case ["node"]:
            return node()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failed:
        print(f"This did not work: {' '.join(map(str, failed.cmd))}", file=sys.stderr)
        sys.exit(1)
