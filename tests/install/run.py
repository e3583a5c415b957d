"""`make install-check`: follows deploy/one-plant.md word by word on a clean Debian, and ends with a press on a board.

A server and a station, each a root made by debootstrap that boots its own systemd. What the page says somebody carries
(the release, the station's file) is carried here; nothing else is done that the page does not say. Needs root,
debootstrap and systemd-container.
"""

import json
import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from install.machine import Machine, make_base
from install.page import SERVER, STATION, steps

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORK = Path(os.environ.get("INSTALL_CHECK", "/var/tmp/threenos-install-check"))
NAME, STATION_FILE = "andon.plant", "cast-1.toml"


def main() -> int:
    """0 when the press is on the board."""
    missing = [
        p
        for p in ("debootstrap", "systemd-nspawn", "nsenter")
        if not shutil.which(p, path="/usr/sbin:/usr/bin:/sbin:/bin")
    ]
    if os.geteuid() or missing:
        print(f"install-check needs root, debootstrap and systemd-container; missing: {', '.join(missing) or 'root'}")
        return 1
    (release,) = sorted((ROOT / "dist").glob("threenos-*.tar.gz"))
    began = monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    make_base(WORK / "base")
    with (WORK / "log.txt").open("wb", buffering=0) as log, ExitStack() as ends:
        machines = []
        for name in (SERVER, STATION):
            machines.append(Machine(WORK / "base", WORK / name, {NAME: "127.0.0.1"}, log))
            ends.callback(machines[-1].close)
            shutil.copy(release, machines[-1].root / "root" / release.name)
        code = _follow(*machines, began)
    if code == 0:  # else there is something to look at
        for machine in machines:
            shutil.rmtree(machine.root)
    return code


def _follow(server: Machine, station: Machine, began: float) -> int:
    for step in steps((ROOT / "deploy" / "one-plant.md").read_text()):
        machine = station if step.where == STATION else server
        carried = server.root / "root" / STATION_FILE
        if machine is station and carried.exists():
            shutil.move(carried, station.root / "root" / STATION_FILE)
        first = step.text.partition("\n")[0]
        print(f"{monotonic() - began:5.0f} s  line {step.line:3}  {step.where:7}  {first}", flush=True)
        if not machine.type(step.text):
            print(f"FAILED: the block of line {step.line}, see {WORK / 'log.txt'}")
            return 1
    return _look(server, began)


def _look(server: Machine, began: float) -> int:
    """The board as a browser sees it, and what doctor and systemd say at the end."""
    shutil.copy(HERE / "board.py", server.root / "root" / "board.py")
    seen = server.run(
        "/opt/threenos/current/bin/python", "/root/board.py", f"https://{NAME}", "/var/lib/threenos/ca/ca.pem", "chief",
        typed=(server.root / "root" / "first-password").read_bytes(),
    )  # fmt: skip
    cards = json.loads(seen.stdout)["complaints"] if seen.returncode == 0 else []
    for command in (
        ["systemctl", "--failed", "--no-legend"],
        ["threenos", "doctor", "--backups", "/var/backups/threenos", "--archive", "/var/backups/threenos/journal",
         "--broker-files", "/etc/threenos/broker"],
    ):  # fmt: skip
        print(f"# {' '.join(command)}\n{server.run(*command).stdout.decode()}")
    on_board = [card for card in cards if card["station"] == "cast-1"]
    if not on_board:
        print(f"FAILED: no press of cast-1 on the board: {seen.stdout.decode()}{seen.stderr.decode()}")
        return 1
    card = {
        key: on_board[0][key] for key in ("kind", "state", "station", "line", "customer", "supplier", "occurred_at")
    }
    print(f"On the board of https://{NAME} after {monotonic() - began:.0f} s: {json.dumps(card)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
