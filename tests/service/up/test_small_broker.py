"""A machine without mosquitto: which broker it gets, and that the whole system runs on it."""

import subprocess
import sys
from pathlib import Path

import pytest
from plant import RunningSystem

from threenos_server.broker import embedded, mosquitto
from threenos_server.broker.mosquitto import Addresses
from threenos_server.errors import ThreenosError

#: The installed command on a machine that has no mosquitto.
WITHOUT_MOSQUITTO = """
import sys
from threenos_server.broker import mosquitto
from threenos_server.cli import main
mosquitto.program = lambda: None
sys.exit(main())
"""
LOOPBACK = Addresses("127.0.0.1", 1, 2)


@pytest.fixture
def no_mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosquitto, "program", lambda: None)


@pytest.mark.usefixtures("no_mosquitto")
def test_the_small_broker_stays_on_this_machine_and_says_what_it_lacks(tmp_path: Path) -> None:
    """One line tells that it has no access rules; from outside it is not offered at all."""
    broker = embedded.choose(tmp_path, LOOPBACK, "secret")
    assert "no access rules" in broker.remark or "no passwords" in broker.remark
    assert "\n" not in broker.remark
    with pytest.raises(ThreenosError, match="apt-get install mosquitto"):
        embedded.choose(tmp_path, Addresses("0.0.0.0", 1, 2), "secret")


@pytest.mark.usefixtures("no_mosquitto")
def test_without_any_broker_it_says_which_package_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that a broker elsewhere would do."""
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    with pytest.raises(ThreenosError, match=r"apt-get install mosquitto.*mqtt_url"):
        embedded.choose(tmp_path, LOOPBACK, "secret")


def test_the_whole_system_runs_on_it(tmp_path: Path) -> None:
    """The intake speaks MQTT 3.1.1 to it, and a press is recorded and acknowledged."""
    system = RunningSystem(tmp_path / "data", program=(sys.executable, "-c", WITHOUT_MOSQUITTO))
    try:
        assert "It checks no passwords" in system.log()
        (tmp_path / "factory.yaml").write_text(system.threenos("chain", "example"))
        system.threenos("chain", "import", str(tmp_path / "factory.yaml"))
        system.threenos("station", "enroll", "pump-1", "--toml", str(tmp_path / "station.toml"))
        agent = str(Path(sys.executable).with_name("threenos-station"))
        at = ["--config", str(tmp_path / "station.toml"), "--data", str(tmp_path / "agent")]
        with subprocess.Popen([agent, "run", *at, "--page-port", "0"], stdout=subprocess.DEVNULL) as running:
            try:
                command = [agent, "press", "stop", *at, "--wait", "20"]
                press = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            finally:
                running.kill()
        assert press.returncode == 0, press.stdout + press.stderr
        assert [site["seq"] for site in system.json("journal", "verify")] >= [2]
    finally:
        system.close()
