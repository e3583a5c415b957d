"""The AsyncAPI document says what the code does."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from threenos_server.chain import example
from threenos_server.intake.setup import setup_of
from threenos_wire import topics
from threenos_wire.asyncapi import LIVE, document
from threenos_wire.events import Event, Kind
from threenos_wire.station import Setup
from threenos_wire.topics import Address, Leaf

DOCUMENT = document("1.2.3")


def references(part: Any) -> Iterator[str]:
    """Every `$ref` below a part."""
    if isinstance(part, dict):
        yield from (v for k, v in part.items() if k == "$ref")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def resolved(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_it_is_a_whole_document() -> None:
    """As JSON, with every reference in it, and nothing defined that is not used."""
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"]["version"] == "1.2.3"
    used = set(references(DOCUMENT))
    assert all(resolved(reference) for reference in used)
    for kind in ("messages", "schemas"):
        assert {f"#/components/{kind}/{name}" for name in DOCUMENT["components"][kind]} <= used


def test_every_topic_is_a_channel_with_its_parameters() -> None:
    """With the address that the code makes; a leaf more in the code fails here."""
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    assert addresses == {
        *(Address("{site}", "{station}").topic(leaf) for leaf in Leaf),
        topics.server_beat("{site}"),
        topics.line_state("{site}", "{line}"),
        "/board",
    }
    for channel in DOCUMENT["channels"].values():
        for parameter in channel.get("parameters", {}):
            assert f"{{{parameter}}}" in channel["address"]


def test_every_channel_has_an_operation_for_each_message() -> None:
    """What the server receives is what a station or a board may send."""
    done = {
        (operation["channel"]["$ref"].rsplit("/", 1)[1], message["$ref"].rsplit("/", 1)[1]): operation["action"]
        for operation in DOCUMENT["operations"].values()
        for message in operation["messages"]
    }
    assert set(done) == {
        (name, message) for name, channel in DOCUMENT["channels"].items() for message in channel["messages"]
    }
    received = {message for (_, message), action in done.items() if action == "receive"}
    assert received == {"event", "presence", "resume"}


def test_every_field_and_kind_of_an_event_is_said() -> None:
    """Required are those without which none is taken."""
    schemas = DOCUMENT["components"]["schemas"]
    assert list(schemas["Event"]["properties"]) == list(Event.__struct_fields__)
    assert schemas["Event"]["required"] == ["v", "id", "boot", "seq", "at", "age_ms", "kind"]
    assert schemas["Event"]["additionalProperties"] is False
    assert sorted(schemas["Kind"]["enum"]) == sorted(Kind)


def test_every_message_of_a_board_is_said() -> None:
    """With its fields."""
    for name, (shape, _) in LIVE.items():
        schema = resolved(DOCUMENT["components"]["messages"][name]["payload"]["$ref"])
        assert list(schema["properties"]) == list(shape.__struct_fields__)


CHAIN = example.chain()


@pytest.mark.parametrize("station", CHAIN.stations.values(), ids=lambda station: station.id)
def test_a_setup_is_what_the_document_says(station: Any) -> None:
    """For every station of the example factory, with no key more."""
    said = msgspec.to_builtins(setup_of(CHAIN, station))
    assert msgspec.to_builtins(msgspec.convert(said, Setup)) == said
