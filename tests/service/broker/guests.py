"""A mosquitto with the files of `threenos broker-config`, an authority, and guests who come to its doors."""

import signal
import socket
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from shutil import rmtree

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from plant import end, free_port, taken, wait_for

from threenos_server.broker import folder, mosquitto
from threenos_server.broker.apart import Door, Doors
from threenos_server.ca import service
from threenos_server.ca.certificates import Purpose
from threenos_server.people.broker_passwords import verifier
from threenos_server.people.stations import Speaker

OWN = "our own password"
LET_IN = "Success"


@dataclass(frozen=True)
class Pass:
    """What a guest shows: a user name and password, and perhaps the folder of a certificate."""

    user: str = ""
    password: str = ""
    certificate: Path | None = None


class Guest:
    """One client, that keeps what it hears and how it stands. `said` is the broker's answer, or that it was cut off."""

    def __init__(self, port: int, authority: Path | None, shows: Pass, client_id: str = "") -> None:
        self.heard: Queue[MQTTMessage] = Queue()
        self.said: list[str] = []
        self.lost = 0
        self.answered: dict[int, str] = {}
        self.client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, reconnect_on_failure=False)
        if authority:
            context = ssl.create_default_context(cafile=authority)
            if shows.certificate:
                context.load_cert_chain(shows.certificate / "tls.pem", shows.certificate / "tls.key")
            self.client.tls_set_context(context)
        if shows.user:
            self.client.username_pw_set(shows.user, shows.password)
        self.client.on_connect = lambda _c, _d, _f, code, _p: self.said.append(str(code))
        self.client.on_disconnect = lambda *_: self._left()
        self.client.on_message = lambda _c, _d, message: self.heard.put(message)
        self.client.on_publish = lambda _c, _d, mid, code, _p: self.answered.update({mid: str(code)})
        self.client.connect("localhost", port)
        self.client.loop_start()
        wait_for("the broker has answered", lambda: self.said)

    def _left(self) -> None:
        self.lost += 1
        self.said.append("cut off")

    @property
    def let_in(self) -> bool:
        return self.said[0] == LET_IN

    def publish(self, topic: str) -> str:
        """How the broker answered a message of QoS 1."""
        sent = self.client.publish(topic, b"{}", qos=1)
        wait_for("the message was answered", lambda: sent.mid in self.answered)
        return self.answered[sent.mid]

    def hears(self) -> str:
        """The topic of the next message that comes."""
        return taken(self.heard, "a message for the guest").topic

    def subscribe(self, topic: str) -> None:
        done: list[int] = []
        self.client.on_subscribe = lambda _c, _d, mid, *_: done.append(mid)
        self.client.subscribe(topic, 1)
        wait_for("the subscription was answered", lambda: done)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def shakes_hands(port: int) -> bool:
    """Whether a broker serves there: its port is open before it has a handler for SIGHUP, which ends it so long."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as raw, context.wrap_socket(raw):
            return True
    except OSError:
        return False


class House:
    """An installation's authority, and a broker that admits the stations weld-1 and weld-2 of the site plant."""

    def __init__(self, data: Path, *, certificates: bool = False) -> None:
        self.data = data
        # In a folder of its own that mosquitto may enter as the user that it becomes when root has started it.
        self.home = Path(tempfile.mkdtemp(prefix="threenos-broker-"))
        self.home.chmod(0o755)
        self.files = self.home / "broker"
        self.doors = Doors(Door("127.0.0.1", free_port()), Door("127.0.0.1", free_port()), certificates)
        self.issue("localhost", self.files, Purpose.SERVER)
        self.admit("weld-1", "weld-2")
        self._guests: list[Guest] = []
        command = [mosquitto.program() or "mosquitto", "-c", str(self.files / mosquitto.CONFIG)]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def wait(self) -> None:
        """Until it serves at both doors, and may be told to reload."""
        wait_for("mosquitto serves", self._serves)

    def _serves(self) -> bool:
        assert self.process.poll() is None, self.log()
        return all(shakes_hands(door.port) for door in (self.doors.stations, self.doors.server))

    def issue(self, name: str, into: Path, purpose: Purpose, data: Path | None = None, days: int = 30) -> Path:
        folder.make_folder(into)
        service.issue(data or self.data, into, [name], datetime.now(UTC), days, purpose)
        return into

    def certificate(self, name: str, purpose: Purpose = Purpose.CLIENT) -> Path:
        """The folder of a certificate, of a name."""
        into = self.home / f"{name}-{purpose}"
        return into if into.exists() else self.issue(name, into, purpose)

    def admit(self, *stations: str) -> bool:
        speakers = [Speaker(name, "plant", verifier(f"secret of {name}", b"twelve bytes")) for name in stations]
        return folder.write(self.files, self.doors, speakers, OWN, self.data)

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def guest(self, shows: Pass, *, server: bool = False, client_id: str = "") -> Guest:
        port = (self.doors.server if server else self.doors.stations).port
        self._guests.append(Guest(port, self.data / "ca" / "ca.pem", shows, client_id))
        return self._guests[-1]

    def plain(self) -> Guest:
        """One that does not speak TLS."""
        self._guests.append(Guest(self.doors.stations.port, None, Pass("weld-1", "secret of weld-1")))
        return self._guests[-1]

    def log(self) -> str:
        return (self.home / "log").read_text()

    def close(self) -> None:
        for guest in self._guests:
            guest.close()
        try:
            end(self.process)
        finally:
            rmtree(self.home)
