"""One MQTT connection, from its opening to its loss. paho speaks the protocol; the loop around it is ours.

A paho client lives as long as its connection: message ids and unsent messages of an earlier one cannot leak into the
next, and nothing runs in a thread of paho's that could die unseen. All calls are made from the link's one thread.
"""

import selectors
import socket
import ssl
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, LogLevel
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from threenos_station import tls
from threenos_station.errors import BadCertificate
from threenos_station.settings import Server
from threenos_wire.events import MAX_MESSAGE_BYTES

CONNECT_S = 5.0
CONNACK_S = 10.0
KEEPALIVE_S = 15
_OTHER_DIALECT = frozenset({"Unsupported protocol version"})


@dataclass(frozen=True, slots=True)
class Identity:
    """The broker's user name is the station and its client id, so that nobody else is thrown off by it.

    `cert` and `key` are the files of its client certificate, if it has one.
    """

    username: str
    password: str | None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the station does not get through; `code` is for the page's words, `detail` what the other side said."""

    code: str
    detail: str


class Connection:
    """Connects, subscribes to `topics`, and hands over what comes through `inbox`."""

    def __init__(self, who: Identity, server: Server, dialect: str, topics: Sequence[str], wake: socket.socket) -> None:
        self.ready = False
        self.inbox: deque[Message] = deque()
        self.problem: Problem | None = None
        self.most_bytes = MAX_MESSAGE_BYTES
        self.other_dialect = False
        self._who = who
        self._server = server
        self._files = self._stamp()
        self._error = ""
        self._topics = topics
        self._wake = wake
        self._client = _client(who, server, dialect)
        self._selector = selectors.DefaultSelector()
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_disconnect = self._on_disconnect
        self._client.on_log = self._on_log

    def open(self, will_topic: str, will: bytes) -> None:
        """Connect the socket (up to 5 s); OSError when nobody answers, BadCertificate when one stands in the way.

        The broker's own answer comes through `step`.
        """
        self._client.will_set(will_topic, will, qos=1, retain=True)
        try:
            self._client.connect(self._server.host, self._server.port, keepalive=KEEPALIVE_S)
        except ssl.SSLError as e:
            told = tls.told(e)
            if told is None:
                raise
            raise told from e
        sock = self._socket()
        # Without it an acknowledged press takes 40 ms instead of 2 (Nagle against delayed TCP acknowledgements).
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(sock, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._opened = time.monotonic()

    def step(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for something to do, and do it. False when the connection is lost."""
        sock = self._client.socket()
        if sock is None:
            return False
        if not self.ready and time.monotonic() - self._opened > CONNACK_S:
            self.problem = Problem("no-connection", "the broker accepted the connection but said nothing")
            return False
        writing = selectors.EVENT_WRITE if self._client.want_write() else 0
        self._selector.modify(sock, selectors.EVENT_READ | writing)
        for key, mask in self._selector.select(timeout):
            if key.fileobj is self._wake:
                _drain(self._wake)
            else:
                self._serve(mask)
        self._client.loop_misc()
        return self._client.socket() is not None

    def _serve(self, mask: int) -> None:
        if mask & selectors.EVENT_READ:
            self._client.loop_read()
            # What TLS has already decrypted, select cannot see.
            while isinstance(sock := self._client.socket(), ssl.SSLSocket) and sock.pending():
                self._client.loop_read()
        if mask & selectors.EVENT_WRITE and self._client.socket() is not None:
            self._client.loop_write()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Hand a message to the broker, QoS 1."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def renewed(self) -> bool:
        """Whether the files of TLS were written since, and work: then the next connection shall take them, and soon.

        Else one that does not work would be found out when the connection is lost for another reason.
        """
        if self._stamp() == self._files:
            return False
        try:
            tls.broker_context(self._server, *_shown(self._who, self._server))
        except BadCertificate:
            return False  # half written: this connection goes on
        return True

    def _stamp(self) -> tuple[int, ...]:
        return tls.stamp(self._server, *_shown(self._who, self._server)) if self._server.tls else ()

    def close(self) -> None:
        """Say goodbye if the connection still stands, and give the socket back."""
        if self._client.socket() is not None:
            self._client.disconnect()
            end = time.monotonic() + 1.0
            while self._client.want_write() and self._client.socket() is not None and time.monotonic() < end:
                self._client.loop_write()
        sock = self._client.socket()
        self._selector.close()
        if sock is not None:
            sock.close()

    def _socket(self) -> socket.socket:
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            raise ConnectionError("the connection was lost while it was made")
        return sock

    # paho calls these from `step`. None of them may raise: paho would give up the connection in an undefined state.

    def _on_connect(self, _c: Client, _u: Any, _f: ConnectFlags, reason: ReasonCode, told: Properties | None) -> None:
        if reason.is_failure:
            self.problem = Problem("refused", str(reason))
            self.other_dialect = str(reason) in _OTHER_DIALECT
            return
        most = getattr(told, "MaximumPacketSize", None)
        if isinstance(most, int):
            self.most_bytes = min(self.most_bytes, most - 256)
        self.ready = True
        self._client.subscribe([(topic, 1) for topic in self._topics])

    def _on_subscribe(self, _c: Client, _u: Any, _m: int, reasons: list[ReasonCode], _p: Properties | None) -> None:
        refused = [t for t, r in zip(self._topics, reasons, strict=False) if r.is_failure]
        if refused:
            self.problem = Problem("not-authorized", f"the broker refuses to let us read {', '.join(refused)}")

    def _on_message(self, _c: Client, _u: Any, message: MQTTMessage) -> None:
        try:
            self.inbox.append(Message(message.topic, bytes(message.payload), message.retain))
        except UnicodeDecodeError:
            return  # a topic that is no UTF-8 is none of ours

    def _on_publish(self, _c: Client, _u: Any, _m: int, reason: ReasonCode, _p: Properties | None) -> None:
        if reason.is_failure:
            self.problem = Problem("not-authorized", f"the broker does not take our events: {reason}")

    def _on_log(self, _c: Client, _u: Any, level: int, text: str) -> None:
        """paho says only here why it gave up a socket: under TLS 1.3 our certificate is refused after the handshake."""
        if level == LogLevel.MQTT_LOG_ERR:
            self._error = text

    def _on_disconnect(
        self, _c: Client, _u: Any, _f: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        refused = tls.refused(self._error)
        if refused is not None:
            self.problem = Problem(refused.code, refused.detail)
        self.other_dialect = self.other_dialect or (not self.ready and self.problem is None)
        self.problem = self.problem or Problem("no-connection", str(reason))


def _client(who: Identity, server: Server, dialect: str) -> Client:
    five = dialect == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=who.username,
        clean_session=None if five else True,
        protocol=MQTTv5 if five else MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_S
    client.username_pw_set(who.username, who.password)
    if server.tls:
        client.tls_set_context(tls.broker_context(server, *_shown(who, server)))
    return client


def _shown(who: Identity, server: Server) -> tuple[str | None, str | None]:
    """The certificate and key that this station shows: its own, else those of all."""
    return (who.cert, who.key) if who.cert else (server.cert, server.key)


def _drain(wake: socket.socket) -> None:
    try:
        while wake.recv(4096):
            pass
    except BlockingIOError:
        return
