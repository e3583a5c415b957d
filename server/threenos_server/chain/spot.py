"""Reading plain data with every fault noted where it is, so that several are told at once. Pure.

A `Spot` is a value and its place. A reading that fails notes the fault and answers with something of the right type,
so that the reading goes on; whoever finds faults throws the result away.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar

from threenos_server.chain.finding import Code, Finding, Path
from threenos_server.chain.naming import Name, is_id

_E = TypeVar("_E", bound=StrEnum)
_UNITS = {"s": 1, "min": 60, "h": 3600}
_DURATION = re.compile(r"(\d{1,9}) ?(s|min|h)")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
MAX_TEXT = 120
MAX_SECONDS = 366 * 24 * 3600
MAX_AMOUNT = 1e9


@dataclass(frozen=True, slots=True)
class Spot:
    """`value` as it stands in the document at `path`; `faults` collects those of the whole document."""

    value: Any
    path: Path = ()
    faults: list[Finding] = field(default_factory=list)

    def fault(self, detail: str, code: Code = Code.SHAPE, *about: object) -> None:
        self.faults.append(Finding(self.path, detail, code, tuple(map(_cut, about))))

    def at(self, key: str | int, value: Any) -> "Spot":
        return Spot(value, (*self.path, key), self.faults)

    @property
    def given(self) -> bool:
        return self.value is not None

    def fields(self, *known: str, needed: tuple[str, ...] = ()) -> dict[str, "Spot"]:
        """Each known key with its spot (None when absent); unknown keys and absent needed ones are faults."""
        found = self.value if isinstance(self.value, dict) else {}
        if not isinstance(self.value, dict):
            self.fault(f"{_shown(self.value)} stands where {', '.join(known)} were expected")
        else:
            for key in found:
                if key not in known:
                    detail = f"unknown key `{_cut(key)}`; known here: {', '.join(known)}"
                    self.at(key, None).fault(detail, Code.UNKNOWN_KEY, key)
            for key in needed:
                if found.get(key) is None:
                    self.fault(f"`{key}` is missing", Code.MISSING, key)
        return {key: self.at(key, found.get(key)) for key in known}

    def items(self) -> list["Spot"]:
        """The spots of a list; none when it is absent."""
        if isinstance(self.value, list):
            return [self.at(i, value) for i, value in enumerate(self.value)]
        if self.given:
            self.fault(f"a list was expected, not {_shown(self.value)}")
        return []

    def pairs(self) -> list[tuple[str, "Spot"]]:
        """The keys and spots of a mapping whose keys are ids."""
        if isinstance(self.value, dict):
            return [(str(key), self.at(key, value)) for key, value in self.value.items()]
        if self.given:
            self.fault(f"`key: value` was expected, not {_shown(self.value)}")
        return []

    def text(self, fallback: str = "") -> str:
        """A text of 1 to 120 characters without control characters; a number is taken as its digits."""
        if not self.given:
            return fallback
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            self.fault(f"a text was expected, not {_shown(self.value)}")
            return fallback
        text = str(self.value).strip()
        if not text or len(text) > MAX_TEXT:
            self.fault(f"a text of 1 to {MAX_TEXT} characters was expected, not {len(text)}", Code.TEXT, MAX_TEXT)
        elif any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp") for c in text):
            detail = "control characters, line breaks and half characters cannot be kept; leave them out"
            self.fault(detail, Code.CHARACTERS)
        return text

    def optional_text(self) -> str | None:
        return self.text() if self.given else None

    def id(self) -> str:
        """An id that is defined here."""
        text = self.text()
        if self.given and text and not is_id(text):
            detail = f"`{_cut(text)}` is no id: small letters, digits and hyphens, at most 32, no hyphen first"
            self.fault(detail, Code.ID, text)
        return text

    def optional_id(self) -> str | None:
        return self.id() if self.given else None

    def name(self, fallback: str) -> Name:
        """`{en, zh}`, or one text that means both; `fallback` when it is absent."""
        if not isinstance(self.value, dict):
            text = self.text(fallback)
            return Name(text, text)
        parts = self.fields("en", "zh", needed=("en", "zh"))
        return Name(parts["en"].text(), parts["zh"].text())

    def one_of(self, kind: type[_E], fallback: _E) -> _E:
        return kind(self.choice([str(each) for each in kind], str(fallback)))

    def choice(self, allowed: Sequence[str], fallback: str) -> str:
        if self.given and self.value not in allowed:
            may = ", ".join(allowed)
            self.faults.append(
                Finding(self.path, f"{_shown(self.value)} is none of {may}", Code.CHOICE, (_cut(self.value), may))
            )
        return self.value if self.value in allowed else fallback

    def seconds(self) -> int | None:
        """`90`, `"90 s"`, `"3 min"` or `"24 h"`; None when absent."""
        if not self.given:
            return None
        number = self.value
        if isinstance(number, str) and (read := _DURATION.fullmatch(number.strip())):
            number = int(read[1]) * _UNITS[read[2]]
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_SECONDS:
            detail = f"{_shown(self.value)} is no duration: write 90 s, 3 min or 24 h, at most a year"
            self.fault(detail, Code.DURATION, self.value)
            return None
        return number

    def amount(self) -> float:
        """A number from 0 to 10^9, to four decimals, which every form of the document keeps; 0 when absent."""
        if not self.given:
            return 0.0
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not 0 <= self.value <= MAX_AMOUNT:
            detail = f"{_shown(self.value)} is no amount: a number that is not negative was expected"
            self.fault(detail, Code.AMOUNT, self.value)
            return 0.0
        return round(float(self.value), 4)

    def date(self) -> date:
        try:
            return date.fromisoformat(self.text("1970-01-01"))
        except ValueError:
            self.fault(f"{_shown(self.value)} is no date: write 2026-10-01", Code.DATE, self.value)
            return date(1970, 1, 1)

    def times(self, n: int) -> list[time]:
        """`n` local times of day, joined by hyphens: `09:00-09:15`."""
        parts = [_TIME.fullmatch(part.strip()) for part in self.text("00:00").split("-")]
        if len(parts) != n or None in parts:
            detail = f"{_shown(self.value)} is no time of day: write {'-'.join(['09:00', '09:15'][:n])}"
            self.fault(detail, Code.TIME, self.value)
            return [time(0)] * n
        return [time(int(part[1]), int(part[2])) for part in parts if part]


def duration(seconds: int) -> str:
    """The shortest text that `Spot.seconds` reads back."""
    for unit in ("h", "min"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]} {unit}"
    return f"{seconds} s"


def _cut(text: object) -> str:
    return f"{str(text)[:40]}…" if len(str(text)) > 40 else str(text)


def _shown(value: object) -> str:
    kinds = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return kinds.get(type(value), f"`{_cut(value)}`")
