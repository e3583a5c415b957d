"""What the rows of one batch say that figures depend on, the patches of one complaint collapsed. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from threenos_server.complaints.model import Patch
from threenos_server.db import to_ms
from threenos_server.journal.model import Row


class Caught(NamedTuple):
    """A catch: its event, when, the chain version of the batch's rows before it (None: none of them), and what."""

    id: str
    at: int
    chain: int | None
    said: Mapping[str, Any]


class Counted(NamedTuple):
    """Units of a process: of an instant, or of a period when `said` has one."""

    at: int
    chain: int | None
    said: Mapping[str, Any]


class Climbed(NamedTuple):
    """A rung of a complaint's ladder that was reached. `patch` is what the batch said of the complaint until then."""

    at: int
    chain: int | None
    complaint: str
    level: int
    patch: Patch


class Batch:
    """The rows of one site, in their order."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.site = rows[0].site
        self.complaints: dict[str, Patch] = {}
        self.opened: set[str] = set()
        self.catches: list[Caught] = []
        self.counts: list[Counted] = []
        self.climbed: list[Climbed] = []
        self.first_chain: int | None = None
        self._chain: int | None = None
        for row in rows:
            then = row.body.get("then")
            if then:
                self._take(row, then)

    @property
    def followed(self) -> bool:
        return bool(self.complaints or self.catches or self.counts)

    def known(self, fields: frozenset[str]) -> list[str]:
        """The complaints that were there before and whose patch has one of these fields, or that climbed a rung."""
        climbed = {c.complaint for c in self.climbed}
        return [
            named
            for named, patch in self.complaints.items()
            if named not in self.opened and (named in climbed or not fields.isdisjoint(patch))
        ]

    def _take(self, row: Row, then: Mapping[str, Any]) -> None:
        for named, patch in then.get("complaints", _NONE).items():
            known = self.complaints.get(named)
            if known is None:
                self.complaints[named] = dict(patch)
                if "id" in patch:
                    self.opened.add(named)
            else:
                known.update(patch)
            if row.kind == "escalated":
                self.climbed.append(Climbed(to_ms(row.at), self._chain, named, patch["level"], dict(known or patch)))
        for said in then.get("catches", ()):
            self.catches.append(Caught(str(row.event_id), to_ms(row.occurred_at), self._chain, said))
        for said in then.get("counts", ()):
            self.counts.append(Counted(to_ms(row.occurred_at), self._chain, said))
        if "chain" in then:
            self._chain = then["chain"]["version"]
            if self.first_chain is None:
                self.first_chain = self._chain


_NONE: dict[str, Any] = {}
