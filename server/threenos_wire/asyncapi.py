"""The AsyncAPI 3 document of MQTT and Socket.IO, made from the structs and topics of this package.

Its operations are the server's: `receive` is what a station or a board sends, `send` what it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import msgspec

from threenos_wire import live, topics
from threenos_wire.events import MAX_EVENTS, Event
from threenos_wire.messages import Ack, LineStatus, Presence, ServerBeat
from threenos_wire.station import Setup, State
from threenos_wire.topics import ID, Address, Leaf

Document = dict[str, Any]
_ID_OF = {"site": "the plant", "station": "the workplace", "line": "the line"}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: what is on it, whether the broker keeps it, and whether the server reads or writes it."""

    message: type
    received: bool
    retained: bool
    about: str


LEAVES: Mapping[Leaf, Topic] = {
    Leaf.EVENT: Topic(Event, True, False, "One event, or an array of events, oldest first."),
    Leaf.ACK: Topic(Ack, False, False, "What was accepted and what refused, sent only after the database commit."),
    Leaf.STATE: Topic(State, False, True, "The station's line and its complaints that are not over."),
    Leaf.SETUP: Topic(Setup, False, True, "What the station shows, from the chain."),
    Leaf.PRESENCE: Topic(Presence, True, True, "Every 10 s, and by the station's will; silence for 30 s is offline."),
}
OF_A_SITE: Mapping[str, tuple[str, Topic]] = {
    "server": (
        topics.server_beat("{site}"),
        Topic(ServerBeat, False, True, "Each 2 s from every live intake: no change for 5 s means not heard."),
    ),
    "line": (
        topics.line_state("{site}", "{line}"),
        Topic(LineStatus, False, True, "The line's state for stack lights, PLC gateways and dashboards."),
    ),
}
#: Socket.IO events of the namespace: what it is, and whether the server receives it.
LIVE: Mapping[str, tuple[type, bool]] = {
    "snapshot": (live.Snapshot, False),
    "delta": (live.Delta, False),
    "tick": (live.Tick, False),
    "resume": (live.Resume, True),
}


def document(version: str) -> Document:
    """The whole document for a version of the project; every `$ref` in it is a part of it."""
    mqtt = {leaf.value: (Address("{site}", "{station}").topic(leaf), topic) for leaf, topic in LEAVES.items()}
    mqtt |= OF_A_SITE
    types = [topic.message for _, topic in mqtt.values()] + [message for message, _ in LIVE.values()]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    messages = {name: _mqtt_message(name, topic) for name, (_, topic) in mqtt.items()}
    messages |= {name: _message(name, message) for name, (message, _) in LIVE.items()}
    operations = {
        f"{_action(topic.received)}-{name}": _mqtt_operation(name, topic) for name, (_, topic) in mqtt.items()
    }
    operations |= {
        f"{_action(received)}-{name}": _operation("board", name, received) for name, (_, received) in LIVE.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Threenos", "version": version, "description": cleandoc(__doc__ or "")},
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {name: _channel(name, address, topic) for name, (address, topic) in mqtt.items()}
        | {"board": _board()},
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _servers() -> Document:
    return {
        "broker": {
            "host": "{host}",
            "protocol": "mqtt",
            "protocolVersion": "3.1.1",
            "description": "Any MQTT broker. A station signs in with its id as user name and client id.",
            "variables": {"host": {"description": "host and port of the broker"}},
        },
        "web": {
            "host": "{host}",
            "pathname": "/socket.io/",
            "protocol": "ws",
            "description": "Socket.IO 5 over WebSocket only.",
            "variables": {"host": {"description": "host and port of the server"}},
        },
    }


def _channel(name: str, address: str, topic: Topic) -> Document:
    return {
        "address": address,
        "description": topic.about,
        "servers": [{"$ref": "#/servers/broker"}],
        "parameters": {
            part: {"description": f"id of {what}, {ID.pattern}"}
            for part, what in _ID_OF.items()
            if f"{{{part}}}" in address
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _board() -> Document:
    query = {
        "type": "object",
        "properties": {
            "site": {"type": "string", "description": "may be left out when there is one"},
            "line": {"type": "string", "description": "this line only"},
        },
    }
    return {
        "address": live.NAMESPACE,
        "description": 'Connect with the session cookie or with `auth` {"token": board token}, else refused.',
        "servers": [{"$ref": "#/servers/web"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in LIVE},
        "bindings": {"ws": {"method": "GET", "query": query}},
    }


def _message(name: str, of: type) -> Document:
    return {"name": name, "summary": cleandoc(of.__doc__ or ""), "payload": _schema(of)}


def _mqtt_message(name: str, topic: Topic) -> Document:
    message = _message(name, topic.message)
    if topic.message is Event:
        several = {"type": "array", "items": _schema(Event), "minItems": 1, "maxItems": MAX_EVENTS}
        message["payload"] = {"oneOf": [_schema(Event), several]}
    return message


def _schema(of: type) -> Document:
    return {"$ref": f"#/components/schemas/{of.__name__}"}


def _action(received: bool) -> str:
    return "receive" if received else "send"


def _operation(channel: str, message: str, received: bool) -> Document:
    return {
        "action": _action(received),
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"}],
    }


def _mqtt_operation(name: str, topic: Topic) -> Document:
    return _operation(name, name, topic.received) | {"bindings": {"mqtt": {"qos": 1, "retain": topic.retained}}}
