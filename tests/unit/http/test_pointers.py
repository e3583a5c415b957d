"""JSON pointers out of msgspec's messages, and pictures made clean."""

import io
from typing import Any

import msgspec
import pytest
from PIL import Image

from threenos_server.errors import Invalid
from threenos_server.http.photo_image import clean
from threenos_server.http.problems import faults_of


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    n: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    items: list[Inner] = []
    by_name: dict[str, Inner] = {}


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"items": [{"n": 1}, {"n": "one"}]}, "/items/1/n"),
        ({"items": [{}]}, "/items/0/n"),
        ({"items": 3}, "/items"),
        ({"more": 1}, "/more"),
        ([], ""),
        ({"by_name": {"a": {"n": None}}}, "/by_name/.../n"),
    ],
)
def test_a_message_becomes_a_pointer(value: Any, pointer: str) -> None:
    """The place that msgspec names is a JSON pointer; keys of a free mapping it does not name."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Outer)
    assert faults_of(caught.value).where == pointer


def test_transparency_stays_and_passengers_go() -> None:
    """A transparent PNG stays one; its text chunks are gone."""
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "SECRET-PLACE")
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (1, 2, 3, 100)).save(out, "PNG", pnginfo=notes)
    kept = clean(out.getvalue())
    assert b"SECRET-PLACE" in out.getvalue() and b"SECRET-PLACE" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as image:
        assert image.getpixel((0, 0)) == (1, 2, 3, 100)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    """Forty million pixels are enough for any phone."""
    out = io.BytesIO()
    Image.new("1", (8000, 5001)).save(out, "PNG")
    with pytest.raises(Invalid, match="million pixels"):
        clean(out.getvalue())
