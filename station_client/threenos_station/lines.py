"""The line that a button, a program or the command line says: `press KIND field=value …`."""

import shlex
from typing import Any

from threenos_station.errors import BadPress
from threenos_station.press import FIELDS

_NUMBERS = {"qty": float, "rating": int}


def parse_press(line: str) -> dict[str, Any]:
    """The fields of `press reject defect=scratch qty=2 note="two words"`. BadPress when it says anything else."""
    try:
        words = shlex.split(line)
    except ValueError as e:
        raise BadPress("bad-line", f"cannot read {line!r}: {e}") from e
    if len(words) < 2 or words[0] != "press":
        raise BadPress("bad-line", f"expected `press KIND field=value …`, got {line!r}")
    fields: dict[str, Any] = {"kind": words[1]}
    for word in words[2:]:
        name, equals, value = word.partition("=")
        if not equals or name not in FIELDS:
            raise BadPress("bad-line", f"`{name}` is no field of a press", name)
        fields[name] = field_value(name, value)
    return fields


def field_value(name: str, text: str) -> Any:
    """The value of a field from its text; lists are parted by commas."""
    if name in _NUMBERS:
        try:
            return _NUMBERS[name](text)
        except ValueError as e:
            raise BadPress("bad-field", f"`{name}` is a number, not {text!r}", name) from e
    if name in ("serials", "photos"):
        return [part for part in text.split(",") if part]
    if name == "drill":
        return text == "true"
    return text
