"""`threenos up` as a person runs it: real processes, a real broker, a HOME that does not exist."""

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plant import THREENOS, RunningSystem, answers, lives, wait_for

CHILDREN = ("broker", "web", "intake", "clock")


def is_ready(system: RunningSystem) -> bool:
    try:
        with urllib.request.urlopen(f"{system.http}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """One system for the tests that leave it as it was."""
    running = RunningSystem(tmp_path_factory.mktemp("shared") / "data")
    yield running
    running.close()


@pytest.fixture
def factory(shared: RunningSystem, tmp_path: Path) -> RunningSystem:
    """The shared system with the example factory in it."""
    (tmp_path / "factory.yaml").write_text(shared.threenos("chain", "example"))
    shared.threenos("chain", "import", str(tmp_path / "factory.yaml"))
    return shared


def test_it_serves_what_its_ready_file_says_and_ends_when_asked(system: RunningSystem) -> None:
    """Both addresses answer, an empty system prints its one-time code, and nothing runs after SIGTERM."""
    pids = [system.pid(name) for name in CHILDREN]
    assert is_ready(system)
    assert answers(*system.mqtt)
    assert "The code for the first who does:" in system.log()
    assert system.stop() == 0
    assert "child killed" not in system.log()
    assert [pid for pid in pids if lives(pid)] == []
    assert not list((system.data / "run").glob("*.pid"))


@pytest.mark.parametrize("child", CHILDREN)
def test_a_child_that_is_killed_is_started_again(shared: RunningSystem, child: str) -> None:
    """At the same addresses, and everything is ready again."""
    killed = shared.kill(child)
    wait_for(f"there is another {child}", lambda: shared.pid(child) != killed and lives(shared.pid(child)))
    wait_for("all is ready again", lambda: is_ready(shared) and answers(*shared.mqtt))
    assert lives(shared.process.pid)


def test_when_it_is_killed_itself_its_children_end_too(run_system: Callable[..., RunningSystem]) -> None:
    """They would hold the ports and the data; another one starts on the same data at once."""
    system = run_system()
    pids = [system.pid(name) for name in CHILDREN]
    system.process.kill()
    system.process.wait(60)
    wait_for("no child lives", lambda: not any(lives(pid) for pid in pids))
    system.start()
    assert is_ready(system)


def test_a_second_one_on_the_same_data_is_refused(shared: RunningSystem) -> None:
    """It says why, and the first is not disturbed."""
    command = [THREENOS, "up", "--data", str(shared.data), "--port", "0", "--mqtt-port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "another `threenos up` runs" in second.stderr
    assert is_ready(shared)


def test_a_port_that_is_taken_is_named(shared: RunningSystem, tmp_path: Path) -> None:
    """With the flag that chooses another."""
    taken = shared.http.rpartition(":")[2]
    command = [THREENOS, "up", "--data", str(tmp_path / "other"), "--port", taken, "--mqtt-port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (second.returncode, f"port {taken}" in second.stderr, "--port" in second.stderr) == (1, True, True)


def test_an_enrolment_counts_at_once_and_a_revocation_too(factory: RunningSystem) -> None:
    """Another process writes it into the database; the running broker learns of it."""
    given = factory.json("station", "enroll", "cast-1")
    host, port = factory.mqtt
    assert (given["host"], given["port"], given["tls"]) == (host, port, False)
    topic = f"threenos/v1/{given['site']}/cast-1/presence"
    publish = ["mosquitto_pub", "-h", host, "-p", str(port), "-t", topic, "-m", "{}", "-q", "1"]
    publish += ["-u", given["username"], "-P", given["password"]]

    def accepted() -> bool:
        return subprocess.run(publish, capture_output=True, timeout=60, check=False).returncode == 0

    assert accepted()
    factory.threenos("station", "revoke", "cast-1")
    wait_for("the revoked station is refused", lambda: not accepted())
    states = {s["id"]: s["state"] for s in factory.json("station", "list")}
    assert (states["cast-1"], states["cast-2"]) == ("revoked", "new")


def test_it_keeps_to_its_data_directory(shared: RunningSystem) -> None:
    """The directory and the keys in it are for the owner only."""
    keys = shared.data / "keys"
    assert {p.name: p.stat().st_mode & 0o777 for p in keys.iterdir()} == dict.fromkeys(
        ("pseudonym", "arrival", "broker"), 0o600
    )
    assert (shared.data.stat().st_mode & 0o777, keys.stat().st_mode & 0o777) == (0o700, 0o700)


def test_ctrl_c_ends_it_without_a_traceback(run_system: Callable[..., RunningSystem]) -> None:
    """A terminal sends SIGINT to the children as well. With --json it has printed the document of its ready file."""
    system = run_system("--json")
    for name in CHILDREN:
        os.kill(system.pid(name), signal.SIGINT)
    system.process.send_signal(signal.SIGINT)
    assert system.process.wait(60) == 0
    assert "Traceback" not in system.log()
    assert "child killed" not in system.log()
    printed = [json.loads(line) for line in system.log().splitlines() if line.startswith('{"http"')]
    where = {"http": system.http, "mqtt": {"host": system.mqtt[0], "port": system.mqtt[1]}}
    assert printed == [where | {"first_code": printed[0]["first_code"]}]
