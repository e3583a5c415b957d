"""A network of its own for the agent, with one cable to us that loses and delays as wanted. For root only."""

import ctypes
import os
import re
import subprocess
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from plant import at_once

T = TypeVar("T")
_CLONE_NEWNET = 0x40000000


class Network:
    """A namespace and a veth pair: we are `HOST`, the agent is `GUEST`; gone when the block ends."""

    HOST, GUEST = "10.177.0.1", "10.177.0.2"

    def __init__(self) -> None:
        self.name = f"faults{os.getpid()}"
        self._near, self._far = f"fn{os.getpid()}", f"ff{os.getpid()}"
        self.prefix = ("ip", "netns", "exec", self.name)

    def __enter__(self) -> "Network":
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self.name)
        _run("ip", "addr", "add", f"{self.HOST}/30", "dev", self._near)
        _run("ip", "link", "set", self._near, "up")
        for words in (f"addr add {self.GUEST}/30 dev {self._far}", f"link set {self._far} up", "link set lo up"):
            _run(*self.prefix, "ip", *words.split())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _run("ip", "link", "del", self._near)
        _run("ip", "netns", "del", self.name)

    def lose(self, percent: int) -> None:
        """So many packets of a hundred are dropped, in each direction; 100: the cable is out, and nobody is told."""
        rules = ["flush ruleset"]
        if percent:
            drop = "counter drop" if percent == 100 else f"numgen random mod 100 < {percent} counter drop"
            rules += ["add table inet faults"]
            for hook, by in (("input", "iifname"), ("output", "oifname")):
                rules += [
                    f"add chain inet faults {hook} {{ type filter hook {hook} priority 0; }}",
                    f'add rule inet faults {hook} {by} "{self._far}" {drop}',
                ]
        _run(*self.prefix, "nft", "-f", "-", typed="\n".join(rules) + "\n")

    def lost(self) -> int:
        """How many packets were dropped since it was said how many."""
        return sum(int(n) for n in re.findall(r"counter packets (\d+)", _run(*self.prefix, "nft", "list", "ruleset")))

    def slow(self, kbit: int) -> None:
        """The cable carries so much a second in each direction, and holds back what is more."""
        words = f"root tbf rate {kbit}kbit burst 3000 limit 64000".split()
        _run("tc", "qdisc", "replace", "dev", self._near, *words)
        _run(*self.prefix, "tc", "qdisc", "replace", "dev", self._far, *words)

    def inside(self, do: Callable[[], T]) -> T:
        """What `do` gives in there, as by a program of the agent's machine."""
        found: list[T] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                with open(f"/run/netns/{self.name}") as namespace:  # noqa: PTH123 - its descriptor is what is wanted
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "setns")
                found.append(do())
            except Exception as e:  # noqa: BLE001 - raised again by who asked
                failed.append(e)

        at_once(run, seconds=60)
        if failed:
            raise failed[0]
        return found[0]


def _run(*command: str, typed: str | None = None) -> str:
    environment = os.environ | {"PATH": os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/sbin"}
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
