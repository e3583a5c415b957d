"""The document as read, entry by entry in its order, before anybody has checked that it fits together. Pure.

Positions in a draft's tuples are positions in the document, so that a finding can name its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from threenos_server.access import Role
from threenos_server.chain.calendar import DAYS, Calendar, Shift
from threenos_server.chain.finding import Code
from threenos_server.chain.model import Chain, Defect, Line, Link, Process, ProcessKind, Rates, Relation, Site, Station
from threenos_server.chain.spot import Spot
from threenos_server.chain.standards import KINDS, RUNG_ROLES, Ladder, Rule, Standard
from threenos_wire.events import Severity

SECTIONS = ("site", "calendar", "lines", "processes", "stations", "links", "defects", "standards", "rates")
MAX_HOLIDAYS = 366


@dataclass(frozen=True, slots=True)
class Draft:
    site: Site
    calendar: Calendar
    lines: tuple[Line, ...]
    processes: tuple[Process, ...]
    stations: tuple[Station, ...]
    links: tuple[Link, ...]
    defects: tuple[Defect, ...]
    standards: tuple[Standard, ...]
    rates: tuple[Rates, ...]

    def chain(self, version: int = 0) -> Chain:
        """The chain. Only a draft without errors makes one that can be asked."""
        return Chain(
            site=self.site,
            calendar=self.calendar,
            lines={x.id: x for x in self.lines},
            processes={x.id: x for x in self.processes},
            stations={x.id: x for x in self.stations},
            links=self.links,
            defects={x.code: x for x in self.defects},
            standards={x.id: x for x in self.standards},
            rates=self.rates,
            version=version,
        )


def read(root: Spot) -> Draft:
    """The draft of a document; what cannot be read is noted in `root.faults`."""
    parts = root.fields(*SECTIONS, needed=("site",))
    processes = tuple(map(_process, parts["processes"].items()))
    line_of = {p.id: p.line for p in processes}
    return Draft(
        site=_site(parts["site"]),
        calendar=_calendar(parts["calendar"]),
        lines=tuple(map(_line, parts["lines"].items())),
        processes=processes,
        stations=tuple(_station(s, line_of) for s in parts["stations"].items()),
        links=tuple(map(_link, parts["links"].items())),
        defects=tuple(map(_defect, parts["defects"].items())),
        standards=tuple(map(_standard, parts["standards"].items())),
        rates=tuple(map(_rates, parts["rates"].items())),
    )


def _site(spot: Spot) -> Site:
    # A site that is missing altogether has been told by `read`; its fields need not be told again.
    needed = ("id", "timezone") if spot.given else ()
    f = (spot if spot.given else Spot({}, spot.path, spot.faults)).fields(
        "id", "name", "timezone", "currency", needed=needed
    )
    key = f["id"].id()
    return Site(key, f["name"].name(key), f["timezone"].text("UTC"), f["currency"].text("XXX"))


def _calendar(spot: Spot) -> Calendar:
    if not spot.given:
        return Calendar()
    f = spot.fields("shifts", "holidays")
    holidays = {day for s in f["holidays"].items() for day in _days_off(s)}
    return Calendar(tuple(map(_shift, f["shifts"].items())), tuple(sorted(holidays)))


def _shift(spot: Spot) -> Shift:
    f = spot.fields("id", "name", "from", "until", "days", "breaks", needed=("id", "from", "until"))
    key = f["id"].id()
    breaks = [s.times(2) for s in f["breaks"].items()]
    return Shift(
        key,
        f["name"].name(key),
        f["from"].times(1)[0],
        f["until"].times(1)[0],
        _weekdays(f["days"]),
        tuple(sorted((b[0], b[1]) for b in breaks)),
    )


def _weekdays(spot: Spot) -> tuple[str, ...]:
    """`[mon, wed]`, `mon-fri` or `mon-fri, sun`; every day when absent."""
    if not spot.given:
        return DAYS
    parts = spot.value if isinstance(spot.value, list) else str(spot.value).split(",")
    found: set[str] = set()
    for part in parts:
        first, _, last = (day.strip() for day in str(part).partition("-"))
        if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
            detail = f"`{str(part)[:40]}` is no day of the week: write mon-fri, or [mon, wed], of {', '.join(DAYS)}"
            spot.fault(detail, Code.DAYS, part)
            return DAYS
        found.update(DAYS[DAYS.index(first) : DAYS.index(last or first) + 1])
    return tuple(day for day in DAYS if day in found)


def _days_off(spot: Spot) -> list[date]:
    """One date, or `2026-10-01..2026-10-07` with both ends."""
    first, _, last = spot.text("1970-01-01").partition("..")
    start = Spot(first, spot.path, spot.faults).date()
    end = Spot(last, spot.path, spot.faults).date() if last else start
    if not 0 <= (end - start).days <= MAX_HOLIDAYS:
        detail = f"a holiday ends after it begins and has at most {MAX_HOLIDAYS} days"
        spot.fault(detail, Code.HOLIDAY, MAX_HOLIDAYS)
        return []
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _line(spot: Spot) -> Line:
    f = spot.fields("id", "name", "stop_grace", "owner", needed=("id",))
    key = f["id"].id()
    return Line(key, f["name"].name(key), f["stop_grace"].seconds() or 0, f["owner"].optional_text())


def _process(spot: Spot) -> Process:
    f = spot.fields("id", "name", "kind", "owner", "line", needed=("id",))
    key = f["id"].id()
    owner = f["owner"].one_of(Role, Role.PROCESS_OWNER) if f["owner"].given else None
    kind = f["kind"].one_of(ProcessKind, ProcessKind.STEP)
    return Process(key, f["name"].name(key), kind, owner, f["line"].optional_text())


def _station(spot: Spot, line_of: Mapping[str, str | None]) -> Station:
    f = spot.fields("id", "name", "line", "process", needed=("id", "process"))
    key, process = f["id"].id(), f["process"].text()
    return Station(key, f["name"].name(key), f["line"].optional_text() or line_of.get(process) or "", process)


def _link(spot: Spot) -> Link:
    f = spot.fields("supplier", "customer", "relation", "standard", needed=("supplier", "customer"))
    relation = f["relation"].one_of(Relation, Relation.PROCESS)
    return Link(f["supplier"].text(), f["customer"].text(), relation, f["standard"].optional_text())


def _defect(spot: Spot) -> Defect:
    f = spot.fields(
        "code", "name", "severity", "origin", "inspected_by", "pictogram", "group", needed=("code", "origin")
    )
    code = f["code"].id()
    return Defect(
        code,
        f["name"].name(code),
        f["severity"].one_of(Severity, Severity.MINOR),
        f["origin"].text(),
        tuple(s.text() for s in f["inspected_by"].items()),
        f["pictogram"].optional_id(),
        f["group"].optional_text(),
    )


def _standard(spot: Spot) -> Standard:
    f = spot.fields("id", "rules", needed=("id", "rules"))
    return Standard(f["id"].id(), tuple(map(_rule, f["rules"].items())))


def _rule(spot: Spot) -> Rule:
    f = spot.fields("for", "severity", "acknowledge", "arrive", "contain", "answer", "ladder", needed=("for",))
    return Rule(
        f["for"].choice(KINDS, KINDS[0]),
        f["severity"].one_of(Severity, Severity.MINOR) if f["severity"].given else None,
        f["acknowledge"].seconds(),
        f["arrive"].seconds(),
        f["contain"].seconds(),
        f["answer"].seconds(),
        _ladder(f["ladder"]) if f["ladder"].given else None,
    )


def _ladder(spot: Spot) -> Ladder:
    rungs = []
    for rung in spot.items():
        f = rung.fields("after", "role", needed=("after", "role"))
        rungs.append((f["after"].seconds() or 0, f["role"].choice(RUNG_ROLES, RUNG_ROLES[0])))
    if [after for after, _ in rungs] != sorted({after for after, _ in rungs}):
        spot.fault("each rung of a ladder comes later than the one before it", Code.LADDER)
    return tuple(rungs)


def _rates(spot: Spot) -> Rates:
    f = spot.fields("from", "rework_hour", "sort_hour", "unit", "stop_minute", needed=("from",))
    return Rates(
        f["from"].date(),
        f["rework_hour"].amount(),
        f["sort_hour"].amount(),
        _costs(f["unit"]),
        _costs(f["stop_minute"]),
    )


def _costs(spot: Spot) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((key, value.amount()) for key, value in spot.pairs()))
