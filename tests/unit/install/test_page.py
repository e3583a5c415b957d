"""The installation pages: their commands are found, are shell, and call programs that there are."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from install.page import SERVER, STATION, Step, steps

from threenos_server.cli.parser import build
from threenos_station import cli as station_cli

DEPLOY = Path(__file__).parents[3] / "deploy"
PAGES = ("one-pc.md", "one-plant.md")
TYPED = (*PAGES, "several-plants.md", "backup.md", "postgresql.md")
_END = {"<", ">", ">>", "|", "&&", ";", ")"}


def test_blocks_are_found_where_they_are_typed() -> None:
    """Of the server and of the station; what is no shell is left alone."""
    page = "one\n```sh\na\n  b\n```\n```toml\nc\n```\n```sh station\nd\n```\n"
    assert steps(page) == [Step(SERVER, 3, "a\n  b\n"), Step(STATION, 10, "d\n")]


def test_a_block_without_an_end_is_refused() -> None:
    """The rest of the page would be missing."""
    with pytest.raises(ValueError, match="line 3"):
        steps("\n```sh\na\n")


@pytest.mark.parametrize("name", TYPED)
def test_every_block_is_shell(name: str) -> None:
    """As bash reads it."""
    text = "".join(step.text for step in steps((DEPLOY / name).read_text()))
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", TYPED)
def test_every_command_of_ours_is_understood(name: str) -> None:
    """Its flags are those of the programs as they are now."""
    called = [words for step in steps((DEPLOY / name).read_text()) for words in commands(step.text)]
    for program, *arguments in called:
        parser = station_cli._parser() if program.endswith("threenos-station") else build()
        assert vars(parser.parse_args(arguments))
    assert called


def commands(text: str) -> list[list[str]]:
    """Each call of a program of ours, with its arguments."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        at = [n for n, word in enumerate(words) if word.rpartition("/")[2] in ("threenos", "threenos-station")]
        starts = [n for n in at if n == 0 or words[n - 1] == "--"]
        for start in starts:
            rest = words[start:]
            end = next((n for n, word in enumerate(rest) if word in _END), len(rest))
            found.append(rest[:end])
    return found


def test_a_restore_on_a_plants_server_loses_nothing_of_the_day() -> None:
    """Its owner can read what it is given, the archive comes along, and is moved aside before anything writes to it."""
    ((_, _, text),) = [(s.where, s.line, s.text) for s in steps((DEPLOY / "backup.md").read_text())]
    assert subprocess.run(["bash", "-n"], input=text, text=True, check=False, timeout=60).returncode == 0
    ((_, *arguments),) = commands(text)
    asked = build().parse_args(arguments)
    assert asked.archive == ["/var/lib/restore/journal"]
    lines = [line.strip() for line in text.splitlines()]
    turn = {word: next(n for n, line in enumerate(lines) if line.startswith(word)) for word in (
        "systemctl stop", "cp -r", "chown", "runuser -u threenos_owner", "mv /var/backups/threenos/journal ",
        "systemctl start threenos-upgrade", "systemctl start threenos.target",
    )}  # fmt: skip
    assert list(turn.values()) == sorted(turn.values())


def test_a_single_pc_moves_before_its_tables_are_there() -> None:
    """Into an empty database, from a stopped system, as the owner; then the sections that make it a plant's server."""
    page = (DEPLOY / "postgresql.md").read_text()
    text = "".join(step.text for step in steps(page))
    turn = [text.index(words) for words in (
        "systemctl start threenos-backup", "disable --now threenos-up", "roles.sql", "threenos_owner PASSWORD '",
        ".pgpass", "threenos db move postgresql://threenos_owner@", "PASSWORD NULL", "rm /var/lib/threenos/.pgpass",
        "enable mosquitto", "station enroll",
    )]  # fmt: skip
    assert turn == sorted(turn)
    assert "threenos-upgrade" not in text and "/etc/threenos/threenos.toml" not in text
    assert [f"## {n}. " in (DEPLOY / "one-plant.md").read_text() for n in (3, 4, 5, 6)] == [True] * 4


@pytest.mark.parametrize("name", PAGES)
def test_root_calls_the_command_that_runs_as_the_program(name: str) -> None:
    """PostgreSQL and the data directory know the user threenos and not root; the command is installed by the page."""
    page = (DEPLOY / name).read_text()
    assert "install -m 0755 deploy/threenos /usr/local/bin/threenos\n" in page
    assert "runuser -u threenos -- threenos" not in page


@pytest.mark.parametrize(("user", "words"), [("0", "as threenos: -u threenos -- "), ("990", "")])
def test_the_command_runs_as_the_program_and_with_its_settings(tmp_path: Path, user: str, words: str) -> None:
    """For root as the user threenos, for everybody else as they are, from a shell that knows no setting."""
    program = tmp_path / "program"
    for name, text in (
        ("id", f"echo {user}"), ("runuser", 'echo "as threenos: $*"'), ("program", 'echo "$0 $* $THREENOS_CONFIG"')
    ):  # fmt: skip
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    command = tmp_path / "threenos"
    command.write_text((DEPLOY / "threenos").read_text().replace("/opt/threenos/current/bin/threenos", str(program)))
    asked = ["/bin/sh", str(command), "station", "revoke", "cast-1"]
    done = subprocess.run(
        asked, env={"PATH": f"{tmp_path}:/bin"}, capture_output=True, text=True, check=False, timeout=60
    )
    settings = "" if words else " /etc/threenos/threenos.toml"
    assert (done.stdout, done.stderr) == (f"{words}{program} station revoke cast-1{settings}\n", "")


@pytest.mark.parametrize("name", TYPED)
def test_what_a_page_names_is_there(name: str) -> None:
    """Files of this folder, pages that are linked to, and units."""
    page = (DEPLOY / name).read_text()
    named = set(re.findall(r"\bdeploy/([\w./-]+\w)", page)) | set(re.findall(r"\]\(([\w./-]+)\)", page))
    units = {f"systemd/{unit}" for unit in re.findall(r"\bthreenos[\w-]*\w\.(?:service|target|timer)\b", page)}
    assert {path for path in named | units if not (DEPLOY / path).exists()} == set()
