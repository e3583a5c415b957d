"""The broker, as our own intake would come to it, and as a stranger would."""

import dataclasses
import ssl
import uuid
from time import monotonic
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from threenos_server.doctor.reached import Broker
from threenos_server.intake.link import BrokerAddress, secure

#: What a broker says of itself. mosquitto says how many messages it dropped only when it dropped one.
DROPPED, UPTIME = "$SYS/broker/publish/messages/dropped", "$SYS/broker/uptime"
ANSWER_S = 5.0
#: A retained message comes at once; a broker that says nothing of itself is not waited for longer.
TELL_S = 1.0


def ask(address: BrokerAddress) -> Broker:
    """What it answers us; and whether it lets somebody in who gives no name."""
    found = _Visit(address).ask()
    return found if found.error else dataclasses.replace(found, stranger=not ask_as_stranger(address).error)


def ask_as_stranger(address: BrokerAddress) -> Broker:
    """What it answers to one without credentials."""
    nobody = dataclasses.replace(address, username=None, password=None, cert=None, key=None)
    return _Visit(nobody, listen=False).ask()


class _Visit:
    """One connection, driven by hand so that nothing outlives it."""

    def __init__(self, address: BrokerAddress, *, listen: bool = True) -> None:
        self._address, self._listen = address, listen
        self._refused: str | None = None
        self._dropped: int | None = None
        self._in = self._reached = self._tells = False
        self._answers = True

    def ask(self) -> Broker:
        a = self._address
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"doctor-{uuid.uuid4().hex[:12]}")
        client.on_connect, client.on_message = self._connected, self._told
        try:
            if a.username:
                client.username_pw_set(a.username, a.password)
            if a.tls:
                secure(client, a)
            self._connect(client)
            self._wait(client)
            client.disconnect()
        except (OSError, ValueError) as e:
            self._refused = str(e)
        error = self._refused or ("" if self._in else "it ended the connection without a word")
        dropped = 0 if self._tells and self._dropped is None else self._dropped
        return Broker(a.host, a.port, a.tls, error, dropped=dropped, reached=self._reached, answers=self._answers)

    def _connect(self, client: Client) -> None:
        """A broker that is not there is another matter than one whose certificate, or who of us, is not trusted."""
        try:
            client.connect(self._address.host, self._address.port)
        except OSError as e:
            self._answers = isinstance(e, ssl.SSLError)
            raise
        self._reached = True

    def _wait(self, client: Client) -> None:
        began = monotonic()
        while monotonic() - began < ANSWER_S and self._refused is None:
            if self._in and (not self._listen or self._dropped is not None or monotonic() - began > TELL_S):
                return
            if client.loop(0.05) != 0:
                return

    def _connected(self, client: Client, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if code.is_failure:
            self._refused = str(code)
            return
        self._in = True
        if self._listen:
            client.subscribe([(DROPPED, 0), (UPTIME, 0)])

    def _told(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._tells = True
        if message.topic == DROPPED and message.payload.isdigit():
            self._dropped = int(message.payload)
