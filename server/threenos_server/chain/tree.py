"""YAML text as plain data, with the line of each part of it. It is read by libyaml, event by event, and no further.

No tag constructs anything, `%TAG` and aliases are refused, and the depth is looked at before what is deeper is read:
nothing can swell. Plain scalars mean what they mean in YAML 1.2, where `yes` is a text, and so is `12:30`.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml  # type: ignore[import-untyped]  # its types are a package apart, and no more than this module uses it

from threenos_server.chain.finding import Code, Finding, Path

MAX_DEPTH = 16
#: Thirty times faster than Python's own, which stands in where PyYAML was built without libyaml.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+([eE][-+][0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


#: Where a line begins with one, for libyaml.
_TAG_DIRECTIVE = re.compile("(?:^\ufeff*|[\n\r\x85\u2028\u2029])%TAG")


class NotYaml(Exception):
    """Text that is no YAML: in which line, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line, self.why = line, why


class Tree:
    """Reads one document. `faults` are what was wrong with it though it is YAML. Raises NotYaml."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[Finding] = []
        if found := _TAG_DIRECTIVE.search(text):
            # libyaml holds them all against one another, and copies each into every tag that uses it.
            raise NotYaml(text.count("\n", 0, found.end()) + 1, "`%TAG` is not understood here: write the tag out")
        self._events = _events(text)
        self.data = self._document()

    def line(self, path: Path) -> int:
        """Where that part stands, or else the nearest part that has it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _document(self) -> Any:
        next(self._events)  # the beginning of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return {}
        data = self._plain(next(self._events), (), MAX_DEPTH)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise NotYaml(_line(after), "a second document begins here, where one is expected")
        return data

    def _plain(self, event: Any, path: Path, depth: int) -> Any:
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            self.faults.append(Finding(path, "an alias (`*`) is not understood here: write it out"))
            return None
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(_text(event), _tag(event))
        if not depth:
            raise NotYaml(_line(event), "nested too deeply")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth - 1)
        return [self._plain(child, (*path, i), depth - 1) for i, child in enumerate(self._until(yaml.SequenceEndEvent))]

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = _text(event) if isinstance(event, yaml.ScalarEvent) else "?"
            self._skip(event)
            child, value = (*path, key), next(self._events)
            if key in found:
                self.lines[(*child, "again")] = _line(event)
                self.faults.append(
                    Finding((*child, "again"), f"duplicate key `{key[:40]}`", Code.DUPLICATE, (key[:40],))
                )
                self._skip(value)
                continue
            self.lines[child] = _line(event)
            found[key] = self._plain(value, child, depth)
        return found

    def _until(self, end: type) -> Iterator[Any]:
        """What stands in a mapping or sequence. Whoever is given the beginning of something takes all of it."""
        while not isinstance(event := next(self._events), end):
            yield event

    def _skip(self, event: Any) -> None:
        """Leave out all that an event begins."""
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if not depth:
                return
            if depth > MAX_DEPTH:
                raise NotYaml(_line(event), "nested too deeply")
            event = next(self._events)


def _events(text: str) -> Iterator[Any]:
    """What libyaml finds in the text. Raises NotYaml."""
    try:
        yield from yaml.parse(text, Loader=LOADER)
    except yaml.MarkedYAMLError as e:
        # At the end of a text libyaml stands in a line after the last one.
        line = min(e.problem_mark.line, text.count("\n")) if e.problem_mark else 0
        raise NotYaml(line + 1, str(e.problem or e.context)) from e
    except yaml.reader.ReaderError as e:
        # Its position is of bytes, or of characters where Python reads.
        before = text.encode(errors="replace")[: e.position].decode(errors="ignore")
        raise NotYaml(before.count("\n") + 1, str(e.reason)) from e
    except UnicodeEncodeError as e:
        raise NotYaml(text.count("\n", 0, e.start) + 1, "half a character (a lone surrogate)") from e
    except (yaml.YAMLError, OverflowError, ValueError) as e:  # Python's own reader lets escapes through
        raise NotYaml(1, str(e).splitlines()[0]) from e


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _text(event: Any) -> str:
    """The text of a scalar. Raises NotYaml for half a character, which nothing could ever write again."""
    text = str(event.value)
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise NotYaml(_line(event), "half a character (a lone surrogate)")
    return text


def _tag(event: Any) -> str:
    """What a scalar is: as its tag says, else a text when it is quoted, else as it looks."""
    if event.tag not in (None, "!"):
        return str(event.tag).rpartition(":")[2]
    text = event.value
    if not event.implicit[0]:
        return "str"
    if text in _NULLS:
        return "null"
    if text in _BOOLS:
        return "bool"
    return "int" if text.isdecimal() else "float" if _FLOAT.fullmatch(text) else "str"


def _scalar(text: str, tag: str) -> Any:
    """Numbers only as they would be written again (`007` stays a text); dates stay texts too."""
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int" and text.isdecimal() and len(text) < 16 and str(int(text)) == text:
        return int(text)
    if tag == "float":
        number = _float(text)
        return text if number is None else number
    return text


def _float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
