"""The systemd units: systemd understands them, they are shut tight, and every command in them is one that there is."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from threenos_server.cli.parser import build
from threenos_station import cli as station_cli

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
#: Of 10: systemd's own measure of what a unit could still do. Debian's nginx and PostgreSQL have 9.6.
MOST = 2.0
_LEVEL = re.compile(r"exposure level for (\S+): ([\d.]+)")


def exposure(unit: Path) -> float:
    """What `systemd-analyze security` says of a unit with its drop-ins; needs no running systemd."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    (found,) = _LEVEL.findall(done.stdout)
    print(f"{found[0]:40} {found[1]}")  # noqa: T201 - `make hardening` shows it
    return float(found[1])


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_unit_is_shut_tight(unit: Path) -> None:
    """With what its name and the drop-in for all of ours give it."""
    assert exposure(unit) <= MOST


@pytest.mark.parametrize(("program", "most"), [("mosquitto", MOST), ("nginx", 3.0)])
def test_what_others_wrote_is_shut_as_well(program: str, most: float, tmp_path: Path) -> None:
    """Debian's units with our drop-ins; nginx keeps a first process of root, which opens 443 and reads the key."""
    unit = tmp_path / f"{program}.service"
    unit.write_text(f"[Service]\nExecStart=/usr/sbin/{program}\n")
    shutil.copytree(UNITS / f"{program}.service.d", tmp_path / f"{program}.service.d")
    assert exposure(unit) <= most


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    """Nothing in them is unknown, misspelt or missing; the programs themselves are stood in for."""
    shutil.copytree(UNITS, tmp_path / "units")
    for unit in (tmp_path / "units").glob("*.service"):
        unit.write_text(re.sub(r"(?m)^(Exec\w+=\+?)\S+", r"\1/bin/true", unit.read_text()))
    every = [str(p) for p in (tmp_path / "units").iterdir() if p.is_file()]
    command = ["systemd-analyze", "verify", *every]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_of_a_unit_is_understood() -> None:
    """Its flags are those of the programs as they are now."""
    lines = [line for unit in SERVICES for line in unit.read_text().splitlines() if line.startswith("ExecStart")]
    ours = [shlex.split(line.partition("=")[2]) for line in lines if "/threenos" in line.partition(" ")[0]]
    for program, *arguments in ours:
        parser = station_cli._parser() if program.endswith("threenos-station") else build()
        assert vars(parser.parse_args(arguments))
    assert len(ours) >= 9


def test_every_unit_of_ours_has_a_user_of_its_own() -> None:
    """Only what tells another user's program to read its files again runs with all rights, and runs nothing of ours."""
    for unit in SERVICES:
        text = unit.read_text()
        assert ("User=" in text) is ("ExecStart=+/usr/bin/systemctl " not in text), unit.name
        assert "UMask=" in text, unit.name


def test_what_is_kept_running_is_never_given_up() -> None:
    """By itself systemd stops trying after five starts in ten seconds; a database is away for longer."""
    texts = [path.read_text() for path in (*SERVICES, *UNITS.glob("[mn]*.service.d/*.conf"))]
    kept = [text for text in texts if "Restart=always" in text]
    assert all("\nStartLimitIntervalSec=0\n" in text.partition("\n[Service]\n")[0] for text in kept)
    assert len(kept) >= 8


def test_the_agent_sees_which_boot_of_its_machine_this_is() -> None:
    """Without /proc/sys a press kept over a restart of the agent would lose its age."""
    for unit in (UNITS / "threenos-station.service", *(UNITS / "threenos-.service.d").iterdir()):
        assert "\nProcSubset=pid" not in unit.read_text()


def test_a_single_pc_can_have_the_timers(tmp_path: Path) -> None:
    """They can be enabled by themselves; `up` stops nothing of which they are a part."""
    root, names = tmp_path / "root", [path.name for path in UNITS.glob("*.timer")]
    shutil.copytree(UNITS, root / "etc" / "systemd" / "system")
    subprocess.run(["systemctl", f"--root={root}", "enable", *names], capture_output=True, timeout=60, check=True)
    enabled = {path.name for path in (root / "etc/systemd/system/timers.target.wants").iterdir()}
    part_of = {whole for name in names for whole in re.findall(r"(?m)^PartOf=(.*)$", (UNITS / name).read_text())}
    (stopped,) = re.findall(r"(?m)^Conflicts=(.*)$", (UNITS / "threenos-up.service").read_text())
    assert (enabled, part_of & set(stopped.split())) == (set(names), set())
    assert {"threenos-backup.timer", "threenos-doctor.timer"} <= enabled


def test_the_target_wants_every_unit_of_a_server() -> None:
    """And none that is not there."""
    target = (UNITS / "threenos.target").read_text()
    wanted = {name for line in re.findall(r"(?m)^Wants=(.*)$", target) for name in line.split()}
    alone = {"threenos-up.service", "threenos-station.service", "threenos-upgrade.service"}
    by_others = {unit.with_suffix(".service").name for unit in (*UNITS.glob("*.timer"), *UNITS.glob("*.path"))}
    there = {p.name for kind in ("service", "timer", "path") for p in UNITS.glob(f"*.{kind}")}
    assert wanted == there - alone - by_others
