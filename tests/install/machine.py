"""A clean Debian that has really booted: a root made by debootstrap, its own systemd, this machine's network."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic
from typing import IO

SUITE = "bookworm"
BOOT_S = 60.0
#: How this machine reaches packages: a clean one has to be told, and it is no part of the page.
APT = ("sources.list", "sources.list.d", "apt.conf.d")
TOLD = ("PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "http_proxy", "https_proxy", "no_proxy")
_NOT_COPIED = ("docker-*", "*autoremove*")


def make_base(base: Path) -> None:
    """A root as Debian's installer leaves it, made once."""
    if (base / "etc" / "debian_version").exists():
        return
    shutil.rmtree(base, ignore_errors=True)
    part = base.with_name(base.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    mirror = [os.environ["DEBIAN_MIRROR"]] if "DEBIAN_MIRROR" in os.environ else []
    subprocess.run(
        ["debootstrap", "--include=ca-certificates,dbus", SUITE, str(part), *mirror], check=True, timeout=1800
    )
    part.rename(base)


class Machine:
    """One machine: `shell` runs blocks of commands in one shell, as a person at its console would."""

    def __init__(self, base: Path, root: Path, names: Mapping[str, str], log: IO[bytes]) -> None:
        self.root, self._log = root, log
        self._number = 0
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True, timeout=120)
        _let_reach_packages(root)
        hosts = "".join(f"{address} {name}\n" for name, address in names.items())
        (root / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n{hosts}")
        self._container = self._boot()
        self._leader = self._wait_until_up()
        self._shell = subprocess.Popen(
            self._inside("bash"), stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, bufsize=0
        )

    def type(self, text: str) -> bool:
        """Type a block into the shell and wait for its end; False when a command of it failed, and so the shell."""
        self._number += 1
        steps = self.root / "root" / ".steps"
        steps.mkdir(mode=0o700, exist_ok=True)
        done = steps / f"{self._number}.done"
        (steps / f"{self._number}.sh").write_text(text)
        assert self._shell.stdin is not None
        name = f"/root/.steps/{self._number}"
        self._shell.stdin.write(f"set -e; . {name}.sh < /dev/null; touch {name}.done\n".encode())
        while not done.exists() and self._shell.poll() is None:
            Event().wait(0.05)
        return done.exists()

    def run(self, *command: str, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """A command of its own, beside the shell."""
        return subprocess.run(self._inside(*command), input=typed, capture_output=True, check=False, timeout=120)

    def close(self) -> None:
        """Switch it off."""
        if self._shell.stdin is not None:
            with suppress(BrokenPipeError):
                self._shell.stdin.close()
        try:
            self.run("systemctl", "poweroff")
            self._container.wait(60)
        except subprocess.TimeoutExpired:
            self._container.kill()
            self._container.wait(60)

    def _boot(self) -> subprocess.Popen[bytes]:
        command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--link-journal=no"]
        command += ["--resolv-conf=copy-host", f"--machine={self.root.name}", f"--directory={self.root}"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)

    def _wait_until_up(self) -> int:
        """The number of its first process, once its systemd has started everything."""
        until = monotonic() + BOOT_S
        while monotonic() < until and self._container.poll() is None:
            self._leader = _child_of(self._container.pid)
            if self._leader and self.run("systemctl", "is-system-running").stdout.strip() in (b"running", b"degraded"):
                return self._leader
            Event().wait(0.2)
        raise RuntimeError(f"{self.root} did not boot; see the log")

    def _inside(self, *command: str) -> list[str]:
        told = [f"{name}={os.environ[name]}" for name in TOLD if os.environ.get(name)]
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = ["HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", f"PATH={path}", *told]
        enter = ["nsenter", "--target", str(self._leader), "--mount", "--uts", "--ipc", "--pid"]
        return [*enter, "--", "/usr/bin/env", "--chdir=/root", "-i", *environment, *command]


def _child_of(parent: int) -> int:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(found[0]) if found else 0


def _let_reach_packages(root: Path) -> None:
    """As this machine reaches them, since a mirror or a proxy of a plant is no part of the page."""
    for name in APT:
        here, there = Path("/etc/apt", name), root / "etc" / "apt" / name
        if here.is_dir():
            shutil.copytree(here, there, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_NOT_COPIED))
            continue
        there.unlink(missing_ok=True)
        if here.exists():
            shutil.copy(here, there)
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc" / "ssl" / "certs" / "ca-certificates.crt")
