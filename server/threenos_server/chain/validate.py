"""Whether a draft fits together: the errors and warnings of the design, each with its place. Pure."""

from collections.abc import Hashable, Iterable, Iterator
from datetime import time
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from threenos_server.chain import graph
from threenos_server.chain.draft import Draft
from threenos_server.chain.finding import Code, Finding, Path
from threenos_server.chain.model import FINAL_CUSTOMER, RESERVED, UNCLASSIFIED, ProcessKind, Relation
from threenos_server.chain.standards import DEFAULT

LARGEST_GRACE_S = 3600


def errors(draft: Draft) -> list[Finding]:
    """Everything that keeps the draft from becoming a chain."""
    checks = (_site, _unique, _reserved, _lines, _processes, _stations, _links, _cycle, _customers, _defects)
    return [finding for check in (*checks, _shifts, _rates) for finding in check(draft)]


def warnings(draft: Draft) -> list[Finding]:
    """What a chain can live with, and its owner should know."""
    checks = (_without_standard, _without_owner, _not_inspected, _not_reached)
    return [finding for check in checks for finding in check(draft)]


def _site(draft: Draft) -> Iterator[Finding]:
    if not _is_timezone(draft.site.timezone):
        detail = f"`{draft.site.timezone}` is no time zone: write Asia/Shanghai or such"
        yield Finding(("site", "timezone"), detail, Code.TIMEZONE, (draft.site.timezone,))
    currency = draft.site.currency
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        detail = f"`{currency}` is no currency: write its three letters, such as CNY"
        yield Finding(("site", "currency"), detail, Code.CURRENCY, (currency,))


def _unique(draft: Draft) -> Iterator[Finding]:
    yield from _repeated(("lines",), "id", "line", (x.id for x in draft.lines))
    yield from _repeated(("processes",), "id", "process", (x.id for x in draft.processes))
    yield from _repeated(("stations",), "id", "station", (x.id for x in draft.stations))
    yield from _repeated(("defects",), "code", "defect code", (x.code for x in draft.defects))
    yield from _repeated(("standards",), "id", "standard", (x.id for x in draft.standards))
    yield from _repeated(("calendar", "shifts"), "id", "shift", (x.id for x in draft.calendar.shifts))
    yield from _repeated(("rates",), "from", "rates from", (x.since for x in draft.rates))
    ends = ((x.supplier, x.customer, str(x.relation)) for x in draft.links)
    yield from _repeated(("links",), "customer", "link", (" → ".join(end) for end in ends))
    for i, standard in enumerate(draft.standards):
        cases = (f"{x.kind}{f' {x.severity}' if x.severity else ''}" for x in standard.rules)
        yield from _repeated(("standards", i, "rules"), "for", "rule for", cases)


def _repeated(path: Path, key: str, what: str, values: Iterable[Hashable]) -> Iterator[Finding]:
    seen: set[Hashable] = set()
    for i, value in enumerate(values):
        if value in seen and value != "":
            detail = f"duplicate: {what} `{value}` is there already"
            yield Finding((*path, i, key), detail, Code.DUPLICATE, (f"{value}",))
        seen.add(value)


def _reserved(draft: Draft) -> Iterator[Finding]:
    for i, process in enumerate(draft.processes):
        if process.id in RESERVED:
            detail = f"`{process.id}` is reserved; it is there without being listed"
            yield Finding(("processes", i, "id"), detail, Code.RESERVED, (process.id,))
    for i, defect in enumerate(draft.defects):
        if defect.code == UNCLASSIFIED:
            detail = f"`{UNCLASSIFIED}` is reserved for what nobody has named yet"
            yield Finding(("defects", i, "code"), detail, Code.RESERVED, (UNCLASSIFIED,))


def _lines(draft: Draft) -> Iterator[Finding]:
    processes = {x.id for x in draft.processes}
    for i, line in enumerate(draft.lines):
        if line.owner is not None and line.owner not in processes:
            detail = f"line `{line.id}` is owned by the unknown process `{line.owner}`"
            yield Finding(("lines", i, "owner"), detail, Code.LINE_OWNER, (line.id, line.owner))
        if line.stop_grace_s > LARGEST_GRACE_S:
            detail = f"line `{line.id}` would go on for over an hour after a stop"
            yield Finding(("lines", i, "stop_grace"), detail, Code.GRACE, (line.id,))


def _processes(draft: Draft) -> Iterator[Finding]:
    lines = {x.id for x in draft.lines}
    for i, process in enumerate(draft.processes):
        path = ("processes", i, "line")
        if process.line is not None and process.line not in lines:
            detail = f"process `{process.id}` is on the unknown line `{process.line}`"
            yield Finding(path, detail, Code.PROCESS_LINE, (process.id, process.line))
        elif process.line is not None and process.kind is ProcessKind.FUNCTION:
            detail = f"`{process.id}` is a function, which serves every line: leave `line` out"
            yield Finding(path, detail, Code.FUNCTION_LINE, (process.id,))


def _stations(draft: Draft) -> Iterator[Finding]:
    lines, line_of = {x.id for x in draft.lines}, {x.id: x.line for x in draft.processes}
    for i, station in enumerate(draft.stations):
        path, line = ("stations", i, "line"), line_of.get(station.process)
        if station.process not in line_of:
            detail = f"station `{station.id}` is of no process: `{station.process}` is unknown"
            yield Finding(("stations", i, "process"), detail, Code.STATION_PROCESS, (station.id, station.process))
        if not station.line:
            detail = f"station `{station.id}` is on no line, and its process names none"
            yield Finding(path, detail, Code.STATION_NO_LINE, (station.id,))
        elif station.line not in lines:
            detail = f"station `{station.id}` is on the unknown line `{station.line}`"
            yield Finding(path, detail, Code.STATION_LINE, (station.id, station.line))
        elif line is not None and line != station.line:
            detail = f"station `{station.id}` is on `{station.line}`, but `{station.process}` on `{line}`"
            yield Finding(path, detail, Code.STATION_ELSEWHERE, (station.id, station.line, station.process, line))


def _links(draft: Draft) -> Iterator[Finding]:
    processes, standards = {x.id for x in draft.processes}, {x.id for x in draft.standards}
    for i, link in enumerate(draft.links):
        if link.supplier not in processes:
            final = ": the final customer supplies nobody" if link.supplier == FINAL_CUSTOMER else ""
            detail = f"a link from the unknown process `{link.supplier}`{final}"
            yield Finding(("links", i, "supplier"), detail, Code.LINK_SUPPLIER, (link.supplier,))
        if link.customer not in processes and link.customer != FINAL_CUSTOMER:
            detail = f"a link to the unknown process `{link.customer}`"
            yield Finding(("links", i, "customer"), detail, Code.LINK_CUSTOMER, (link.customer,))
        if link.supplier == link.customer:
            detail = f"a link of `{link.supplier}` to itself"
            yield Finding(("links", i, "customer"), detail, Code.LINK_SELF, (link.supplier,))
        if link.standard is not None and link.standard not in standards:
            detail = f"the service standard `{link.standard}` is unknown"
            yield Finding(("links", i, "standard"), detail, Code.LINK_STANDARD, (link.standard,))


def _cycle(draft: Draft) -> Iterator[Finding]:
    """One cycle is told with all its processes, at the last of its links in the document; mended, the next shows."""
    flow: dict[str, list[str]] = {x.id: [] for x in draft.processes}
    for link in draft.links:
        if (
            link.relation is Relation.PROCESS
            and link.supplier in flow
            and link.customer in flow
            and link.customer != link.supplier
        ):
            flow[link.supplier].append(link.customer)
    found = graph.cycle(flow)
    if found is None:
        return
    edges = set(pairwise(found))
    place = max(i for i, x in enumerate(draft.links) if (x.supplier, x.customer) in edges)
    detail = f"a cycle among process links: {' → '.join(found)}"
    yield Finding(("links", place, "supplier"), detail, Code.CYCLE, tuple(found))


def _customers(draft: Draft) -> Iterator[Finding]:
    suppliers = {x.supplier for x in draft.links if x.supplier != x.customer} | set(RESERVED)
    for i, process in enumerate(draft.processes):
        if process.kind is ProcessKind.STEP and process.id not in suppliers:
            rule = "no customer, no need for the post 找不到客户的岗位没有存在的必要"
            detail = f"step `{process.id}` has no customer: {rule}. The last step's customer is `{FINAL_CUSTOMER}`"
            yield Finding(("processes", i, "id"), detail, Code.NO_CUSTOMER, (process.id,))


def _defects(draft: Draft) -> Iterator[Finding]:
    processes = {x.id for x in draft.processes}
    for i, defect in enumerate(draft.defects):
        if defect.origin not in processes:
            detail = f"defect `{defect.code}` has the unknown origin `{defect.origin}`"
            yield Finding(("defects", i, "origin"), detail, Code.DEFECT_ORIGIN, (defect.code, defect.origin))
        for j, process in enumerate(defect.inspected_by):
            if process not in processes:
                detail = f"defect `{defect.code}` is inspected by the unknown process `{process}`"
                path: Path = ("defects", i, "inspected_by", j)
                yield Finding(path, detail, Code.DEFECT_INSPECTOR, (defect.code, process))


def _shifts(draft: Draft) -> Iterator[Finding]:
    for i, shift in enumerate(draft.calendar.shifts):
        path: Path = ("calendar", "shifts", i)
        if not shift.days:
            yield Finding((*path, "days"), f"shift `{shift.id}` works on no day", Code.SHIFT_DAYS, (shift.id,))
        length = _minutes(shift.since, shift.until) or 1440
        ends = 0
        for begins, until in ((_minutes(shift.since, a), _minutes(shift.since, b)) for a, b in shift.breaks):
            if not ends <= begins < until <= length or (begins, until) == (0, length):
                detail = f"the breaks of shift `{shift.id}` overlap or do not lie within it"
                yield Finding((*path, "breaks"), detail, Code.SHIFT_BREAKS, (shift.id,))
                break
            ends = until


def _minutes(start: time, end: time) -> int:
    return (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % 1440


def _rates(draft: Draft) -> Iterator[Finding]:
    processes, lines = {x.id for x in draft.processes}, {x.id for x in draft.lines}
    for i, rates in enumerate(draft.rates):
        for process, _ in rates.unit:
            if process not in processes:
                detail = f"a unit cost for the unknown process `{process}`"
                yield Finding(("rates", i, "unit", process), detail, Code.RATE_PROCESS, (process,))
        for line, _ in rates.stop_minute:
            if line not in lines:
                detail = f"a stop minute of the unknown line `{line}`"
                yield Finding(("rates", i, "stop_minute", line), detail, Code.RATE_LINE, (line,))


def _without_standard(draft: Draft) -> Iterator[Finding]:
    """The final customer complains by other ways, so the last link needs no standard."""
    if any(x.id == DEFAULT for x in draft.standards):
        return
    for i, link in enumerate(draft.links):
        if link.standard is None and link.customer != FINAL_CUSTOMER:
            detail = f"the link `{link.supplier}` → `{link.customer}` has no service standard; the defaults hold"
            yield Finding(("links", i, "supplier"), detail, Code.NO_STANDARD, (link.supplier, link.customer))


def _without_owner(draft: Draft) -> Iterator[Finding]:
    for i, process in enumerate(draft.processes):
        if process.owner is None:
            detail = f"process `{process.id}` has no owner role"
            yield Finding(("processes", i, "id"), detail, Code.NO_OWNER, (process.id,))


def _not_inspected(draft: Draft) -> Iterator[Finding]:
    for i, defect in enumerate(draft.defects):
        if not defect.inspected_by:
            detail = f"no process inspects for defect `{defect.code}`"
            yield Finding(("defects", i, "code"), detail, Code.NOT_INSPECTED, (defect.code,))


def _not_reached(draft: Draft) -> Iterator[Finding]:
    reached = {x.customer for x in draft.links}
    for i, process in enumerate(draft.processes):
        if process.kind is ProcessKind.STEP and process.id not in reached:
            detail = f"no link reaches step `{process.id}`: nobody is named as its supplier, not even a function"
            yield Finding(("processes", i, "id"), detail, Code.NOT_REACHED, (process.id,))


def _is_timezone(name: str) -> bool:
    """Asked by trying: to list all time zones opens six hundred files."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
