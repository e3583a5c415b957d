"""The MQTT connection of an intake. Its callbacks only queue, so that none can fail, and its thread is watched."""

import socket
import ssl
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from threenos_server.clock import Now, utc_now
from threenos_server.intake.inbox import Inbox, Message
from threenos_wire.topics import EVERY_EVENT, EVERY_PRESENCE

#: A broker gives up a frozen intake after one and a half of these, and no longer sends it its part of the events.
KEEPALIVE_S = 10
#: Waiting for room stays under the keepalive: a callback that blocks longer loses the connection.
WAIT_FOR_ROOM_S = 5.0
#: A broker that is not reached is tried every second, and the same reason is said so often.
SAY_AGAIN_S = 60.0
#: Several intakes share the events; only the application's ack makes that safe, and it is sent after the commit.
SHARED_EVENTS = f"$share/intake/{EVERY_EVENT}"
#: Where mosquitto says how many messages it has dropped since it began.
DROPPED = "$SYS/broker/publish/messages/dropped"

log = structlog.get_logger("intake.link")


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and who we are to it. `protocol` is 5, 4 (MQTT 3.1.1), or None: 5 where the broker has it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    tls: bool = False
    protocol: int | None = None


def secure(client: Client, broker: BrokerAddress) -> None:
    """Let a client speak TLS as the settings say. Raises OSError that names setting and file, as Python's does not."""
    for setting, name in (("mqtt_ca", broker.ca), ("mqtt_cert", broker.cert), ("mqtt_key", broker.key)):
        try:
            if name:
                Path(name).read_bytes()
        except OSError as e:
            raise OSError(f"{setting} {name}: {e.strerror}") from e
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if broker.ca:
            context.load_verify_locations(broker.ca)
        else:
            context.load_default_certs()
    except ssl.SSLError as e:
        raise OSError(f"mqtt_ca {broker.ca} holds no certificate: {e.reason or e}") from e
    try:
        if broker.cert:
            context.load_cert_chain(broker.cert, broker.key)
    except ssl.SSLError as e:
        raise OSError(
            f"mqtt_cert {broker.cert} and mqtt_key {broker.key} are no certificate and its key: {e.reason or e}"
        ) from e
    client.tls_set_context(context)


class Link:
    """Keeps one client connected until `close`; what arrives is in `inbox`."""

    def __init__(self, broker: BrokerAddress, now: Now = utc_now) -> None:
        self.inbox = Inbox()
        self.connects = 0
        self.on_connected: Callable[[], None] = lambda: None
        #: Called for a message that found no room; its station sends it again.
        self.on_dropped: Callable[[], None] = lambda: None
        #: Called with what the broker says that it has dropped in all.
        self.on_broker_dropped: Callable[[int], None] = lambda _: None
        self._broker = broker
        self._now = now
        self._protocol = MQTTProtocolVersion(broker.protocol or MQTTv5)
        self._client_id = f"intake-{uuid.uuid4().hex[:12]}"
        self._stop = threading.Event()
        self._client: Client | None = None
        self._up = threading.Event()
        self._takes_part = True
        self._changing_part = threading.Lock()
        self._broker_dropped = 0
        self._said, self._said_at = "", -SAY_AGAIN_S
        self._thread = threading.Thread(target=self._stay_connected, name="mqtt", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def connected(self) -> bool:
        return self._up.is_set()

    @property
    def name(self) -> str:
        """This connection; another one after each time that it was lost."""
        return f"{self._client_id}-{self.connects}"

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the client; lost when there is no connection, since all that is said is said again."""
        client = self._client
        if client is not None and self._up.is_set():
            client.publish(topic, payload, qos=1, retain=retain)

    def take_part(self, wanted: bool) -> None:
        """Share the events, or leave them to the other intakes while we could only keep them waiting."""
        with self._changing_part:
            if wanted == self._takes_part:
                return
            self._takes_part = wanted
            client = self._client
            if client is None or not self._up.is_set():
                return
            if wanted:
                client.subscribe(self._events(), 1)
            else:
                client.unsubscribe(self._events())
        log.warning("events are taken again" if wanted else "events are left to the other intakes")

    def close(self) -> None:
        self._stop.set()
        if self._client is not None:
            self._client.disconnect()
        self._thread.join(5)

    def _stay_connected(self) -> None:
        """Run client after client: paho ends its loop on an exception of a callback and would never say so."""
        while not self._stop.is_set():
            try:
                self._client = self._new_client()
                self._client.connect(self._broker.host, self._broker.port, KEEPALIVE_S)
                self._client.loop_forever(retry_first_connection=False)
            except OSError as e:
                self._say_not_reached(str(e))
            except Exception:  # gives up this client; the next one is made below
                log.exception("mqtt client given up")
            self._up.clear()
            self._stop.wait(1.0)

    def _say_not_reached(self, why: str) -> None:
        if why == self._said and monotonic() - self._said_at < SAY_AGAIN_S:
            return
        self._said, self._said_at = why, monotonic()
        log.warning("broker not reached; tried every second", host=self._broker.host, port=self._broker.port, error=why)

    def _new_client(self) -> Client:
        b = self._broker
        five = self._protocol == MQTTv5
        options: dict[str, Any] = {} if five else {"clean_session": True}
        client = Client(CallbackAPIVersion.VERSION2, self._client_id, protocol=self._protocol, **options)
        client.reconnect_delay_set(1, 5)
        client.max_inflight_messages_set(1000)
        if b.username:
            client.username_pw_set(b.username, b.password)
        if b.tls or b.ca:
            secure(client, b)
        client.on_socket_open = _no_delay
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = self._message
        return client

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _p: Properties | None
    ) -> None:
        if code.is_failure:
            log.warning("broker refused us", reason=str(code), protocol=self._protocol)
            if self._broker.protocol is None and str(code) == "Unsupported protocol version":
                self._protocol = MQTTv311
                client.disconnect()
            return
        with self._changing_part:
            events = [(self._events(), 1)] if self._takes_part else []
            client.subscribe([*events, (EVERY_PRESENCE, 1)])
            if self._protocol == MQTTv5:
                # Apart from the others, since a broker may refuse it; iotcore, which speaks 3.1.1, would hang up.
                client.subscribe(DROPPED, 0)
            self.connects += 1
            self._up.set()
        self._said = ""
        log.info("connected", protocol=self._protocol)
        self.on_connected()

    def _events(self) -> str:
        return SHARED_EVENTS if self._protocol == MQTTv5 else EVERY_EVENT

    def _disconnected(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _p: Properties | None
    ) -> None:
        self._up.clear()
        log.warning("disconnected", reason=str(code))

    def _message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = message._topic.decode(errors="replace")
        if topic == DROPPED:
            self._tell_dropped(bytes(message.payload))
            return
        if not self.inbox.put(Message(topic, bytes(message.payload), self._now()), WAIT_FOR_ROOM_S):
            self.on_dropped()

    def _tell_dropped(self, said: bytes) -> None:
        """Say aloud what the broker else says in a line for each client, and in a topic that nobody reads."""
        if not said.isdigit() or len(said) > 18:
            return
        total, before = int(said), self._broker_dropped
        self._broker_dropped = total
        self.on_broker_dropped(total)
        if total > before:
            cause = "a client did not take them in time and its queue was full; the broker's log names it"
            log.warning("the broker dropped messages", dropped=total - before, total=total, cause=cause)


def _no_delay(_client: Client, _data: Any, sock: Any) -> None:
    """Without this an application ack takes 40 ms: the two ends wait for each other's delayed acknowledgements."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
