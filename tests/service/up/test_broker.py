"""The files that we write for mosquitto, as a real mosquitto understands them."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from plant import answers, end, free_port, wait_for
from service.broker.guests import LET_IN, Guest, Pass

from threenos_server.broker import mosquitto
from threenos_server.broker.embedded import Mosquitto
from threenos_server.broker.mosquitto import SERVER_USER, Addresses
from threenos_server.people.broker_passwords import verifier
from threenos_server.settings import Settings
from threenos_server.up.system import environment

MINE, OTHERS = "threenos/v1/plant/weld-1/event", "threenos/v1/plant/weld-2/event"
SENT = (LET_IN, "No matching subscribers")
REFUSED = "Not authorized"


class Running:
    """A mosquitto that admits weld-1, and weld-2 once it is told to."""

    def __init__(self, directory: Path) -> None:
        program = mosquitto.program()
        assert program is not None
        self.files = Mosquitto(program, directory / "broker", Addresses("127.0.0.1", free_port(), free_port()), "own")
        self.admit("weld-1")
        self.process = subprocess.Popen(self.files.command)

    def wait(self) -> None:
        """Until it serves: its port is open before it has a handler for SIGHUP, which ends it so long."""
        doors = (self.files.where.port, self.files.where.server_port)
        wait_for("mosquitto listens", lambda: all(answers("127.0.0.1", door) for door in doors))
        self.client(SERVER_USER).close()

    def close(self) -> None:
        end(self.process)

    def admit(self, *stations: str) -> bool:
        return self.files.admit({name: verifier(f"secret of {name}", b"twelve bytes") for name in stations})

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def client(self, user: str, password: str | None = None, client_id: str = "") -> Guest:
        own = user == SERVER_USER
        port = self.files.where.server_port if own else self.files.where.port
        return Guest(port, None, Pass(user, password or ("own" if own else f"secret of {user}")), client_id)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    try:
        running.wait()
        yield running
    finally:
        running.close()


@pytest.fixture
def connect(broker: Running) -> Iterator[Callable[..., Guest]]:
    clients: list[Guest] = []

    def connected(user: str, password: str | None = None, client_id: str = "") -> Guest:
        clients.append(broker.client(user, password, client_id))
        return clients[-1]

    yield connected
    for client in clients:
        client.close()


def test_a_station_speaks_as_itself_only(connect: Callable[..., Guest]) -> None:
    """Its own events pass, another station's and the server's words do not."""
    weld = connect("weld-1")
    assert weld.publish(MINE) in SENT
    assert weld.publish(OTHERS) == REFUSED
    assert weld.publish("threenos/v1/plant/weld-1/ack") == REFUSED
    assert weld.publish("threenos/v1/plant/_server") == REFUSED


def test_a_station_hears_what_is_said_to_it_and_not_to_others(connect: Callable[..., Guest]) -> None:
    """The broker says granted to any subscription, so what counts is what arrives."""
    weld, server = connect("weld-1"), connect(SERVER_USER)
    weld.subscribe("threenos/#")
    for leaf in ("weld-2/ack", "weld-1/event", "weld-2/state", "weld-1/ack", "_server", "_line/l1"):
        server.publish(f"threenos/v1/plant/{leaf}")
    heard = [weld.hears() for _ in range(3)]
    assert heard == [f"threenos/v1/plant/{leaf}" for leaf in ("weld-1/ack", "_server", "_line/l1")]


def test_a_wrong_password_and_an_unknown_station_are_refused(connect: Callable[..., Guest]) -> None:
    """Neither connects, and the real client with that name stays where it is."""
    weld = connect("weld-1")
    assert connect("weld-1", "wrong").said[0] == REFUSED
    assert connect("weld-2").said[0] == REFUSED
    assert weld.publish(MINE) in SENT
    assert weld.lost == 0


def test_enrolment_and_revocation_work_at_once(broker: Running, connect: Callable[..., Guest]) -> None:
    """After the files were written and SIGHUP was sent a new station comes in, and a revoked one is thrown out."""
    weld = connect("weld-1")
    assert broker.admit("weld-2")
    assert not broker.admit("weld-2")
    broker.reload()
    wait_for("weld-2 may come in", lambda: connect("weld-2").let_in)
    wait_for("weld-1 is thrown out", lambda: weld.lost)


def test_two_of_our_own_processes_do_not_throw_each_other_off(connect: Callable[..., Guest]) -> None:
    """They share a user name, which is the client id of a station but not theirs."""
    first, second = connect(SERVER_USER), connect(SERVER_USER)
    for client in (first, second):
        client.subscribe("threenos/v1/+/+/event")
    connect("weld-1").publish(MINE)
    assert first.hears() == second.hears() == MINE
    assert first.lost == second.lost == 0


def test_a_station_cannot_throw_another_off_by_its_client_id(broker: Running, connect: Callable[..., Guest]) -> None:
    """Whatever id it claims, the broker takes its user name for it."""
    broker.admit("weld-1", "weld-2")
    broker.reload()
    weld = connect("weld-1", client_id="weld-1")
    wait_for("weld-2 is let in", lambda: connect("weld-2", client_id="weld-1").let_in)
    assert weld.publish(MINE) in SENT
    assert weld.lost == 0


@pytest.mark.usefixtures("broker")
def test_nobody_else_reads_the_passwords(tmp_path: Path) -> None:
    """The files are for the owner's eyes only."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "broker").iterdir()}
    assert modes == {"mosquitto.conf": 0o600, "passwords": 0o600, "rules": 0o600}


def test_our_own_processes_find_their_door_wherever_the_stations_have_theirs(tmp_path: Path) -> None:
    """Stations at one address of the machine, we on loopback."""
    program = mosquitto.program()
    assert program is not None
    broker = Mosquitto(program, tmp_path / "broker", Addresses("127.0.0.2", free_port(), free_port()), "own")
    told = urlsplit(environment(Settings(data=tmp_path), broker)["THREENOS_MQTT_URL"])
    with subprocess.Popen(broker.command) as process:
        try:
            wait_for("stations are heard", lambda: answers("127.0.0.2", broker.where.port))
            assert answers(str(told.hostname), told.port or 0)
        finally:
            process.kill()
