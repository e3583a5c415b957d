"""The chain: what a site consists of, and what the rest of the system asks about it. Pure and frozen.

Upstream, stages and passed-by follow links of the relation `process` only. Answers are kept, since the intake asks the
same few questions thousands of times a second.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from threenos_server.access import Role
from threenos_server.chain import graph
from threenos_server.chain.calendar import Calendar, Shift
from threenos_server.chain.naming import Name
from threenos_server.chain.standards import DEFAULT, FUNCTION_ROSTER, Limits, Rule, Standard, resolve
from threenos_wire.events import Severity

#: The reserved process that the last step hands on to. It is in links, never in `processes`.
FINAL_CUSTOMER = "final-customer"
#: What stands for a process or a defect that nobody has named yet.
UNCLASSIFIED = "unclassified"
RESERVED = {
    FINAL_CUSTOMER: Name("Final customer", "最终客户"),
    UNCLASSIFIED: Name("Unclassified", "未归类"),
}
_T = TypeVar("_T")


class ProcessKind(StrEnum):
    STEP = "step"
    FUNCTION = "function"


class Relation(StrEnum):
    PROCESS = "process"
    FLOW = "flow"
    FUNCTION = "function"
    RANK_TASK = "rank-task"
    RANK_CONDITION = "rank-condition"


@dataclass(frozen=True, slots=True)
class Site:
    id: str
    name: Name
    timezone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """`stop_grace_s` > 0: a stop takes effect that many seconds later. `owner` is the process that answers for it."""

    id: str
    name: Name
    stop_grace_s: int = 0
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A step may be on one line; a function serves all of them."""

    id: str
    name: Name
    kind: ProcessKind = ProcessKind.STEP
    owner: Role | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Station:
    id: str
    name: Name
    line: str
    process: str


@dataclass(frozen=True, slots=True)
class Link:
    """`supplier` hands on to `customer`; `standard` names the service standard between them."""

    supplier: str
    customer: str
    relation: Relation = Relation.PROCESS
    standard: str | None = None


@dataclass(frozen=True, slots=True)
class Defect:
    """`origin` is the process that makes it; `inspected_by` the processes whose control plan looks for it."""

    code: str
    name: Name
    severity: Severity
    origin: str
    inspected_by: tuple[str, ...] = ()
    pictogram: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """What things cost from a local date on, in the site's currency. Amounts by process or line are sorted pairs."""

    since: date
    rework_hour: float = 0.0
    sort_hour: float = 0.0
    unit: tuple[tuple[str, float], ...] = ()  # a scrapped unit, by the process that it had reached
    stop_minute: tuple[tuple[str, float], ...] = ()  # by line


@dataclass(frozen=True)
class Chain:
    """A site's chain of one version. Dicts are by id, in the order of the document. Equal when the content is."""

    site: Site
    calendar: Calendar
    lines: dict[str, Line]
    processes: dict[str, Process]
    stations: dict[str, Station]
    links: tuple[Link, ...]
    defects: dict[str, Defect]
    standards: dict[str, Standard]
    rates: tuple[Rates, ...]
    version: int = field(default=0, compare=False)
    _memo: dict[tuple[object, ...], object] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)

    @cached_property
    def flow(self) -> dict[str, list[str]]:
        """Each process (and the final customer) with its customers along `process` links."""
        graph_: dict[str, list[str]] = {p: [] for p in self.processes}
        graph_[FINAL_CUSTOMER] = []
        for link in self.links:
            if link.relation is Relation.PROCESS and link.customer not in graph_[link.supplier]:
                graph_[link.supplier].append(link.customer)
        return graph_

    @cached_property
    def _back(self) -> dict[str, list[str]]:
        return graph.reverse(self.flow)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every step after its suppliers, functions last; without the final customer."""
        steps = [p for p in graph.order(self.flow) if p in self.processes]
        return tuple(sorted(steps, key=lambda p: self.processes[p].kind is ProcessKind.FUNCTION))

    def direct_suppliers(self, process: str) -> tuple[str, ...]:
        """The processes that hand on to it along `process` links."""
        return tuple(self._back.get(process, ()))

    def customers(self, process: str) -> tuple[str, ...]:
        """The processes that it hands on to along `process` links; the last step's is FINAL_CUSTOMER."""
        return tuple(self.flow.get(process, ()))

    def supplier_links(self, process: str) -> tuple[Link, ...]:
        """The links of every relation in which it is the customer."""
        return self._kept(("supplier_links", process), lambda: tuple(x for x in self.links if x.customer == process))

    def customer_links(self, process: str) -> tuple[Link, ...]:
        """The links of every relation in which it is the supplier."""
        return self._kept(("customer_links", process), lambda: tuple(x for x in self.links if x.supplier == process))

    def upstream(self, process: str) -> frozenset[str]:
        """Every process from which a path of `process` links leads to it, itself excluded."""
        return self._kept(("upstream", process), lambda: frozenset(self._distances_back(process)) - {process})

    def stages(self, made_at: str, found_at: str) -> int | None:
        """The number of `process` links on the shortest path; 0 for the same process, None when there is no path."""
        return self._distances_back(found_at).get(made_at)

    def passed_by(self, made_at: str, found_at: str) -> tuple[str, ...]:
        """The processes on all paths from made-at to found-at, ends excluded, in the order of the way."""
        key = ("passed_by", made_at, found_at)
        return self._kept(key, lambda: graph.on_all_paths(self.flow, made_at, found_at))

    def inspects(self, process: str, defect: str | None) -> bool:
        """Whether the control plan of the process looks for that defect; False for an unknown one."""
        known = self.defects.get(defect or "")
        return known is not None and process in known.inspected_by

    def limits(self, supplier: str | None, customer: str, kind: str, severity: str | None) -> Limits:
        """The limits of a complaint of the customer about the supplier.

        `kind` is reject, stop, call or late-response (KeyError for another). The link's standard counts (of several
        links between the two the first that has one), then the standard `default`, then the defaults of the system.
        """
        key = ("limits", supplier, customer, kind, severity)
        return self._kept(key, lambda: resolve(self._standards(supplier, customer), kind, severity))

    def functions_of(self, line: str) -> tuple[Process, ...]:
        """The functions that a station of the line can call: functions serve all lines."""
        if line not in self.lines:
            return ()
        return tuple(p for p in self.processes.values() if p.kind is ProcessKind.FUNCTION)

    def steps_of(self, line: str) -> tuple[Process, ...]:
        """The steps on that line, in the order of the chain."""
        return tuple(self.processes[p] for p in self.order if self.processes[p].line == line)

    def stations_of(self, line: str) -> tuple[Station, ...]:
        return tuple(s for s in self.stations.values() if s.line == line)

    def grace_s(self, line: str) -> int:
        """Seconds between a stop press and the stop; 0 stops at once, and so does a line that is unknown."""
        known = self.lines.get(line)
        return known.stop_grace_s if known else 0

    def owner_of(self, line: str) -> str | None:
        """The process that answers for the line: the one it names, else its last step; None without steps."""
        named = self.lines[line].owner if line in self.lines else None
        steps = self.steps_of(line)
        return named or (steps[-1].id if steps else None)

    def defects_at(self, process: str) -> tuple[Defect, ...]:
        """The defects that can come in at a process, nearest origin first, those it inspects for before the rest.

        They are made upstream, or by a function that supplies it; its own are `own_defects`.
        """
        return self._kept(("defects_at", process), lambda: self._incoming(process))

    def own_defects(self, process: str) -> tuple[Defect, ...]:
        """The defects that the process makes."""
        return tuple(d for d in self.defects.values() if d.origin == process)

    def name_of(self, process: str) -> Name:
        """The name of a process, of FINAL_CUSTOMER or of UNCLASSIFIED; an id that is gone is its own name."""
        known = self.processes.get(process)
        return known.name if known else RESERVED.get(process, Name(process, process))

    def defect_name(self, code: str) -> Name:
        """The name of a defect code or of UNCLASSIFIED; a code that is unknown is its own name."""
        known = self.defects.get(code)
        return known.name if known else RESERVED.get(code, Name(code, code))

    def rates_on(self, day: date) -> Rates | None:
        """The cost rates in force on a local date."""
        return max((r for r in self.rates if r.since <= day), key=lambda r: r.since, default=None)

    def _incoming(self, process: str) -> tuple[Defect, ...]:
        far = {x.supplier: len(self.processes) for x in self.supplier_links(process)} | self._distances_back(process)
        coming = [d for d in self.defects.values() if d.origin in far and d.origin != process]
        return tuple(sorted(coming, key=lambda d: (far[d.origin], process not in d.inspected_by)))

    def _standards(self, supplier: str | None, customer: str) -> tuple[Standard, ...]:
        named = [x.standard for x in self.supplier_links(customer) if x.supplier == supplier and x.standard]
        return tuple(self.standards[s] for s in dict.fromkeys([*named[:1], DEFAULT]) if s in self.standards)

    def _distances_back(self, process: str) -> dict[str, int]:
        return self._kept(("back", process), lambda: graph.distances(self._back, process))

    def _kept(self, key: tuple[object, ...], ask: Callable[[], _T]) -> _T:
        if key not in self._memo:
            self._memo[key] = ask()
        return self._memo[key]  # type: ignore[return-value]  # each key has one question, so one type of answer


__all__ = [
    "FINAL_CUSTOMER", "FUNCTION_ROSTER", "UNCLASSIFIED", "Calendar", "Chain", "Defect", "Limits", "Line", "Link",
    "Name", "Process", "ProcessKind", "Rates", "Relation", "Rule", "Shift", "Site", "Standard", "Station",
]  # fmt: skip
