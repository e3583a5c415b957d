"""A made-up day at the example factory as journal entries: random, but always the same.

The complaints are patched as the contract says (a first patch with all fields), not as a decision would do it.
"""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from threenos_server.chain import example
from threenos_server.complaints.model import Complaint, document
from threenos_server.journal.model import Entry
from threenos_wire.instants import format_instant

BEGIN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
OVER = ("closed", "withdrawn", "merged")
STATES = ("acknowledged", "arrived", "contained", "answered", "closed", "closed", "withdrawn")


_chain = cache(example.chain)  # it is read from a long file


class Day:
    """`entry()` gives one row after the other; `open` are the complaints that are not over, `over` the others."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.chain = _chain()
        self.site = self.chain.site.id
        self.said = 0
        self.open: dict[str, dict[str, Any]] = {}
        self.over: dict[str, dict[str, Any]] = {}

    def entries(self, n: int) -> list[Entry]:
        return [self.entry() for _ in range(n)]

    def entry(self) -> Entry:
        """The next row."""
        self.said += 1
        now = BEGIN + timedelta(seconds=self.said)
        kind, line, then = self._what(now)
        if "catches" not in then:
            return Entry(kind, {"then": then}, now, line=line)
        name = f"0199a3c0-0000-7000-8000-{self.said:012d}"
        return Entry(kind, {"digest": "0" * 64, "then": then}, now, line=line, event_id=name)

    def _what(self, now: datetime) -> tuple[str, str | None, dict[str, Any]]:
        dice = self.random.random()
        if dice < 0.3 or not self.open:
            return self._opened(now)
        if dice < 0.8:
            return self._patched(self.random.choice(sorted(self.open)), now)
        if dice < 0.85 and self.over:
            return self._reopened(self.random.choice(sorted(self.over)))
        if dice < 0.9:
            station = self.random.choice(sorted(self.chain.stations))
            since = self.random.choice([None, format_instant(now)])
            return "station-silent", None, {"stations": {station: {"silent_since": since}}}
        line = self.random.choice(sorted(self.chain.lines))
        if dice < 0.95:
            return "catch", line, {"catches": [self._caught(line)]}
        state = self.random.choice(["running", "stopped"])
        return "stop", line, {"lines": {line: {"state": state, "since": format_instant(now)}}}

    def _opened(self, now: datetime) -> tuple[str, str, dict[str, Any]]:
        station = self.chain.stations[self.random.choice(sorted(self.chain.stations))]
        name = f"{self.random.getrandbits(32):08x}-0000-7000-8000-{self.said:012d}"
        kind = self.random.choice(["reject", "reject", "stop", "call", "late-response"])
        at = format_instant(now)
        complaint = Complaint(
            id=name, kind=kind, line=station.line, station=station.id, customer=station.process, occurred_at=at,
            received_at=at, round_started_at=at, drill=self.random.random() < 0.1, note="for nobody's board",
            chain=1,
        )  # fmt: skip
        patch = json.loads(json.dumps(document(complaint)))
        self.open[name] = patch
        return kind, station.line, {"complaints": {name: patch}}

    def _patched(self, name: str, now: datetime) -> tuple[str, str, dict[str, Any]]:
        card = self.open[name]
        patch = {"version": card["version"] + 1, "level": self.random.randint(-1, 3)}
        if self.random.random() < 0.6:
            patch |= {"state": self.random.choice(STATES), "contained_at": format_instant(now)}
        card |= patch
        if card["state"] in OVER:
            self.over[name] = self.open.pop(name)
        return "patched", card["line"], {"complaints": {name: patch}}

    def _caught(self, line: str) -> dict[str, Any]:
        station = self.random.choice(self.chain.stations_of(line))
        where = {"process": station.process, "station": station.id, "line": line}
        return where | {"defect": None, "severity": "minor", "qty": 1, "part": None}

    def _reopened(self, name: str) -> tuple[str, str, dict[str, Any]]:
        card = self.over[name]
        if card["state"] != "closed":
            return "comment", card["line"], {}
        patch = {"version": card["version"] + 1, "state": "contained", "round": card["round"] + 1}
        self.open[name] = self.over.pop(name) | patch
        return "reopen", card["line"], {"complaints": {name: patch}}
