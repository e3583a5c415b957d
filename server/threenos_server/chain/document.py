"""The document as YAML text or plain JSON data: in with the place of every fault, out in a form pleasant to edit."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from threenos_server.chain import draft, validate, write
from threenos_server.chain.finding import Code, Finding, Path
from threenos_server.chain.model import Chain
from threenos_server.chain.spot import Spot, duration
from threenos_server.chain.tree import NotYaml, Tree
from threenos_server.errors import Fault, Invalid

#: Nobody reads more of them, and a document may be nothing but faults.
MOST_FAULTS = 1_000
MAX_CHARACTERS = 1_000_000
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
    """Faults with their places in words, in the order of the document: the first MOST_FAULTS, and how many more."""
    ordered = sorted(((source.place(x.path), x) for x in found), key=lambda x: x[0][0])
    told = [Fault(where, x.detail, x.code, x.about) for (_, where), x in ordered[:MOST_FAULTS]]
    if more := len(ordered) - len(told):
        told.append(Fault(told[-1].where, f"and {more} more, behind this one", Code.MORE, (str(more),)))
    return tuple(told)


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
        tree = Tree(text)
    except NotYaml as e:
        raise Invalid("this is not YAML", Fault(f"line {e.line}", e.why, Code.UNREADABLE)) from e

    def place(path: Path) -> Place:
        line = tree.line(path)
        return line, f"line {line}"

    return Source(tree.data, place, tuple(tree.faults))


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
