"""The commands of an installation page, as a person would type them. Pure."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^```(?P<word>\S*)(?: (?P<where>\w+))?$")
SERVER, STATION = "server", "station"


@dataclass(frozen=True, slots=True)
class Step:
    """One block of commands: on which machine it is typed, in which line of the page it begins, and its text."""

    where: str
    line: int
    text: str


def steps(page: str) -> list[Step]:
    """The blocks that say `sh`, in their order; those that say `sh station` are typed at the station.

    Raises ValueError for a block without an end.
    """
    found: list[Step] = []
    open_: tuple[str, str, int] | None = None
    held: list[str] = []
    for number, text in enumerate(page.splitlines(), 1):
        fence = _FENCE.match(text)
        if fence is None:
            held.append(text)
        elif open_ is None:
            open_, held = (fence["word"], fence["where"] or SERVER, number + 1), []
        else:
            word, where, line = open_
            if word == "sh":
                found.append(Step(where, line, "\n".join(held) + "\n"))
            open_ = None
    if open_ is not None:
        raise ValueError(f"the block of line {open_[2]} has no end")
    return found
