"""Buttons and lamps as they are wired: pipes, programs, key devices."""

import os
import sqlite3
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from plant import free_port
from service.station.shopfloor import FakeServer, MakeAgent, until

from threenos_station import lamps
from threenos_station.agent import Agent
from threenos_station.settings import Input, Lamp


def kinds(agent: Agent) -> list[str]:
    return [p.kind for p in reversed(agent.document("w2").presses)]


def test_a_named_pipe_presses_line_by_line(make_agent: MakeAgent, tmp_path: Path) -> None:
    """The agent makes the pipe; writers come and go; a wrong line presses nothing and ends nothing."""
    pipe = tmp_path / "buttons"
    button = Input(station="w2", kind="file", path=str(pipe), map={"red": "press stop"})
    agent = make_agent(free_port(), input=[button])
    until(pipe.exists)
    for text in ("press reject defect=scratch qty=2\n", "nonsense\n", "re", "d\n"):
        with pipe.open("w") as f:
            f.write(text)
    until(lambda: kinds(agent) == ["reject", "stop"])
    until(lambda: agent.status()["inputs"][0]["presses"] == 2)
    assert "nonsense" in agent.status()["inputs"][0]["problem"]


def test_a_program_presses_with_what_it_prints_and_is_started_again(make_agent: MakeAgent) -> None:
    """As `gpiomon` prints the number of a line; a worn contact that bounces counts once."""
    script = "print('17\\n17\\n27', flush=True)"
    button = Input(
        station="w2", kind="exec", command=[sys.executable, "-c", script], debounce_ms=100,
        map={"17": "press reject", "27": "press call supplier=maintenance"},
    )  # fmt: skip
    agent = make_agent(free_port(), input=[button])
    until(lambda: kinds(agent)[:4] == ["reject", "call", "reject", "call"])


def test_a_key_device_presses_when_a_key_goes_down(make_agent: MakeAgent, tmp_path: Path) -> None:
    """Records as the kernel writes them: key 2 down, repeated and up, an unknown key, and a record in two parts."""
    device = tmp_path / "event0"
    os.mkfifo(device)
    button = Input(station="w2", kind="keys", path=str(device), map={"2": "press reject", "3": "press stop"})
    agent = make_agent(free_port(), input=[button])

    def record(kind: int, code: int, value: int) -> bytes:
        return struct.pack("@llHHi", 1_700_000_000, 5, kind, code, value)

    said = b"".join(record(*r) for r in ((4, 4, 30), (1, 2, 1), (1, 2, 2), (1, 2, 0), (0, 0, 0), (1, 99, 1)))
    with device.open("wb", buffering=0) as f:
        f.write(said + record(1, 3, 1)[:7])
        until(lambda: kinds(agent) == ["reject"])
        f.write(record(1, 3, 1)[7:])
    until(lambda: kinds(agent) == ["reject", "stop"])


def test_an_input_that_is_not_there_is_named_and_tried_again(make_agent: MakeAgent, tmp_path: Path) -> None:
    """A keypad that is plugged in later works without a restart."""
    device = tmp_path / "event1"
    agent = make_agent(free_port(), input=[Input(station="w2", kind="keys", path=str(device), map={"2": "press stop"})])
    until(lambda: "event1" in (agent.status()["inputs"][0]["problem"] or ""))
    os.mkfifo(device)
    until(lambda: agent.status()["inputs"][0]["problem"] is None)
    with device.open("wb", buffering=0) as f:
        f.write(struct.pack("@llHHi", 0, 0, 1, 2, 1))
    until(lambda: kinds(agent) == ["stop"])


def test_lamps_follow_a_press_from_saved_to_acknowledged(
    server: FakeServer, make_agent: MakeAgent, tmp_path: Path
) -> None:
    """A file as a LED of the system has it, and a program; both are off when the agent stops."""
    server.acks = False
    red, log = tmp_path / "red", tmp_path / "log"
    script = f"import sys; open({str(log)!r}, 'a').write(sys.argv[1] + ' ')"
    lamps = [
        Lamp(station="w2", kind="file", path=str(red), when=["stopped", "not-heard"], on="255", off="0"),
        Lamp(station="w2", kind="exec", command=[sys.executable, "-c", script], when=["saved"], on="on", off="off"),
    ]
    agent = make_agent(server.port, lamp=lamps)
    until(lambda: red.exists() and red.read_text() == "0\n")
    agent.press("w2", "stop")
    until(lambda: log.exists() and log.read_text().split()[-1] == "on")
    server.publish("w2", "state", {"v": 1, "line": {"state": "stopped"}, "complaints": [{"state": "acknowledged"}]})
    until(lambda: red.read_text() == "255\n")
    agent.stop()
    assert red.read_text() == "0\n" and log.read_text().split()[-1] == "off"


def test_a_lamp_that_fails_is_named_and_harms_nothing(make_agent: MakeAgent, tmp_path: Path) -> None:
    """Presses go on."""
    lamp = Lamp(station="w2", kind="file", path=str(tmp_path / "no" / "folder"), when=["not-heard"])
    agent = make_agent(free_port(), lamp=[lamp])
    assert "folder" in until(lambda: agent.status()["lamps"][0]["problem"])
    assert agent.press("w2", "stop")


class Broken:
    """A database on a disk that gives nothing."""

    in_transaction = False

    def execute(self, *_: Any) -> Any:
        raise sqlite3.OperationalError("disk I/O error")


def test_a_lamp_outlives_a_disk_that_cannot_be_read(
    make_agent: MakeAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named as one that fails, and shows what is so when the disk is well again."""
    monkeypatch.setattr(lamps, "RETRY_S", 0.05)
    red = tmp_path / "red"
    agent = make_agent(free_port(), lamp=[Lamp(station="w2", kind="file", path=str(red), when=["saved"])])
    until(lambda: red.exists() and red.read_text() == "0\n")
    with monkeypatch.context() as disk:
        disk.setattr(agent.store, "_db", Broken())
        agent.stations["w2"].feed.changed()
        until(lambda: "disk I/O error" in (agent.bulbs[0].problem or ""))
    agent.press("w2", "stop")
    until(lambda: red.read_text() == "1\n")
    until(lambda: agent.status()["lamps"][0]["problem"] is None)
