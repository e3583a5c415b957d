"""The document as YAML text or plain JSON data: in with the place of every fault, out in a form pleasant to edit."""

import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from threenos_server.chain import draft, validate, write
from threenos_server.chain.finding import Code, Finding, Path
from threenos_server.chain.model import Chain
from threenos_server.chain.spot import Spot, duration
from threenos_server.errors import Fault, Invalid

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 16
Place = tuple[int, str]
"""Where a path is: a number to sort by, and words for a person (`line 12`, `/links/3`, `sheet links, row 5`)."""


@dataclass(frozen=True, slots=True)
class Source:
    """Plain data, where each path of it came from, and what was wrong before it could be read at all."""

    data: Any
    place: Callable[[Path], Place]
    faults: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in the order of the document; `chain` is None when there is an error."""

    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    chain: Chain | None

    def sound(self) -> Chain:
        """The chain, or Invalid with every error."""
        if self.chain is None:
            raise Invalid(f"the chain has {len(self.errors)} error(s); nothing was changed", *self.errors)
        return self.chain


def check(source: Source) -> Checked:
    """Read and validate. What cannot be read hides what would not fit together only at the same place."""
    root = Spot(source.data, (), list(source.faults))
    read = draft.read(root)
    unread = {found.path for found in root.faults}
    misfits = [x for x in validate.errors(read) if x.path not in unread and x.path[:-1] not in unread]
    errors = placed(source, [*root.faults, *misfits])
    doubts = [] if errors else validate.warnings(read)
    return Checked(errors, placed(source, doubts), None if errors else read.chain())


def stored(data: Any, version: int) -> Chain:
    """The chain of a document that was found sound when it was saved; what later rules say of it does not matter."""
    return draft.read(Spot(data)).chain(version)


def placed(source: Source, found: Iterable[Finding]) -> tuple[Fault, ...]:
    """Faults with their places in words, in the order of the document."""
    ordered = sorted(((source.place(x.path), x) for x in found), key=lambda x: x[0][0])
    return tuple(Fault(where, x.detail, x.code, x.about) for (_, where), x in ordered)


def from_data(data: Any) -> Source:
    """Plain data as decoded from JSON; places are JSON pointers."""
    return Source(data, lambda path: (0, "".join(f"/{_escaped(part)}" for part in path)))


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def from_yaml(text: str) -> Source:
    """YAML 1.2 text; places are line numbers. Raises Invalid when it is not YAML at all."""
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            f"the document has over {MAX_CHARACTERS} characters", Fault("line 1", "too long", Code.UNREADABLE)
        )
    try:
        parser = YAML()
        parser.max_depth = MAX_DEPTH
        # Each would be printed, and remembered for ever by the module of warnings.
        parser.composer.warn_double_anchors = False
        node = _composed(parser, text)
        tree = _Tree()
        data = tree.plain(node, ()) if node is not None else {}
    except MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise Invalid("this is not YAML", Fault(f"line {line}", str(e.problem or e.context), Code.UNREADABLE)) from e
    except (YAMLError, OverflowError, ValueError) as e:  # the scanner lets escapes through that are no character
        raise Invalid("this is not YAML", Fault("line 1", str(e).splitlines()[0], Code.UNREADABLE)) from e
    except RecursionError as e:
        raise Invalid("this is not a chain", Fault("line 1", "nested too deeply", Code.UNREADABLE)) from e
    return Source(data, tree.place, tuple(tree.faults))


def _composed(parser: YAML, text: str) -> Node | None:
    try:
        node: Node | None = parser.compose(text)
    except KeyError as e:  # it looks up the version that a %YAML line names without asking whether there is one
        raise YAMLError(f"no such version of YAML: {e}") from e
    return node


class _Tree:
    """Turns YAML's nodes into plain data. No tag constructs anything, and an alias is refused, so nothing can swell."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[Finding] = []
        self._seen: set[int] = set()

    def place(self, path: Path) -> Place:
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path], f"line {self.lines[path]}"

    def plain(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            self.faults.append(Finding(path, "an alias (`*`) is not understood here: write it out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.plain(child, (*path, i)) for i, child in enumerate(node.value)]
        return _scalar(_text(node), str(node.tag).rpartition(":")[2])

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _text(key_node) if isinstance(key_node, ScalarNode) else "?"
            child = (*path, key)
            if key in found:
                self.lines[(*child, "again")] = key_node.start_mark.line + 1
                self.faults.append(
                    Finding((*child, "again"), f"duplicate key `{key[:40]}`", Code.DUPLICATE, (key[:40],))
                )
                continue
            self.lines[child] = key_node.start_mark.line + 1
            found[key] = self.plain(value_node, child)
        return found


def _text(node: Node) -> str:
    """The text of a scalar. Raises MarkedYAMLError for half a character, which nothing could ever write again."""
    text = str(node.value)
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        raise MarkedYAMLError(problem="half a character (a lone surrogate)", problem_mark=node.start_mark)
    return text


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


def to_yaml(chain: Chain) -> str:
    """The chain as YAML: one entry a line where it fits, durations as `3 min`, a comment above each section."""
    writer = YAML()
    writer.width = 500
    writer.allow_unicode = True
    out = io.StringIO()
    for section, content in write.document(chain, duration).items():
        out.write(f"{'' if section == 'site' else chr(10)}# {_ABOUT[section]}\n")
        writer.dump({section: _styled(content)}, out)
    return out.getvalue()


def _styled(value: Any, depth: int = 0) -> Any:
    """An entry of a list on one line, unless it has a list of entries itself.

    A text that begins with `?` or `:` is quoted: on one line it would read as a key or a value of a mapping.
    """
    if isinstance(value, dict):
        mapping = CommentedMap((key, _styled(each, depth + 1)) for key, each in value.items())
        if depth and not any(isinstance(x, dict) for each in value.values() if isinstance(each, list) for x in each):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(_styled(each, depth + 1) for each in value)
        if depth > 1 and not any(isinstance(each, dict) for each in value):
            sequence.fa.set_flow_style()
        return sequence
    return DoubleQuotedScalarString(value) if isinstance(value, str) and value.startswith(("?", ":")) else value


_ABOUT = {
    "site": "The plant. Names are {en, zh}, or one text for both.",
    "calendar": "Answers are due in working time: shifts (a night shift ends on the next day), breaks, holidays.",
    "lines": "stop_grace: how long the line goes on to its fixed position after a stop; owner: who answers for it.",
    "processes": "kind: step (on one line) or function (serves all lines); owner: the role that answers.",
    "stations": "A station id is unique in the whole installation; the line is its process's unless it is given.",
    "links": "supplier → customer; relation: process, flow, function, rank-task, rank-condition.",
    "defects": "origin: the process that makes it; inspected_by: the processes whose control plan looks for it.",
    "standards": "Within what time; what is left out is as by default. `default` holds where a link names none.",
    "rates": "Costs from a date on; unit: a scrapped unit, by the process it had reached; stop_minute: by line.",
}
