"""A chain as plain data, the form that `draft.read` reads back to an equal chain. Pure."""

from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from typing import Any

from threenos_server.chain.calendar import DAYS, Calendar, Shift
from threenos_server.chain.model import Chain, Defect, Line, Process, Rates, Station
from threenos_server.chain.naming import Name
from threenos_server.chain.standards import Rule

Plain = dict[str, Any]
Seconds = Callable[[int], int | str]
"""How a duration is written: a number of seconds for programs, `3 min` for people."""


def document(chain: Chain, seconds: Seconds = int) -> Plain:
    """The whole chain as one document; what is empty or as by default is left out."""
    site = chain.site
    return _given(
        site={"id": site.id, "name": name(site.name), "timezone": site.timezone, "currency": site.currency},
        calendar=_calendar(chain.calendar),
        lines=[_line(x, seconds) for x in chain.lines.values()],
        processes=[_process(x) for x in chain.processes.values()],
        stations=[_station(x) for x in chain.stations.values()],
        links=[
            _given(supplier=x.supplier, customer=x.customer, relation=str(x.relation), standard=x.standard)
            for x in chain.links
        ],
        defects=[_defect(x) for x in chain.defects.values()],
        standards=[{"id": x.id, "rules": [_rule(r, seconds) for r in x.rules]} for x in chain.standards.values()],
        rates=[_rates(x) for x in chain.rates],
    )


def name(value: Name) -> Plain | str:
    """One text when both languages say the same."""
    return value.en if value.en == value.zh else value.as_dict()


def clock_time(value: time) -> str:
    return f"{value:%H:%M}"


def days_off(holidays: Iterable[date]) -> list[str]:
    """Dates, those in a row as `first..last`."""
    runs: list[tuple[date, date]] = []
    for day in holidays:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [f"{first}" if first == last else f"{first}..{last}" for first, last in runs]


def _given(**values: Any) -> Plain:
    """Without what is empty; 0 stays."""
    return {key: value for key, value in values.items() if value not in (None, (), [], {}, "")}


def _calendar(calendar: Calendar) -> Plain:
    return _given(shifts=[_shift(x) for x in calendar.shifts], holidays=days_off(calendar.holidays))


def _shift(x: Shift) -> Plain:
    return {"id": x.id, "name": name(x.name), "from": clock_time(x.since), "until": clock_time(x.until)} | _given(
        days=None if x.days == DAYS else list(x.days),
        breaks=[f"{clock_time(a)}-{clock_time(b)}" for a, b in x.breaks],
    )


def _line(x: Line, seconds: Seconds) -> Plain:
    grace = seconds(x.stop_grace_s) if x.stop_grace_s else None
    return _given(id=x.id, name=name(x.name), stop_grace=grace, owner=x.owner)


def _process(x: Process) -> Plain:
    return _given(id=x.id, name=name(x.name), kind=str(x.kind), owner=x.owner and str(x.owner), line=x.line)


def _station(x: Station) -> Plain:
    return _given(id=x.id, name=name(x.name), line=x.line, process=x.process)


def _defect(x: Defect) -> Plain:
    return _given(
        code=x.code,
        name=name(x.name),
        severity=str(x.severity),
        origin=x.origin,
        inspected_by=list(x.inspected_by),
        pictogram=x.pictogram,
        group=x.group,
    )


def _rule(x: Rule, seconds: Seconds) -> Plain:
    ladder = None if x.ladder is None else [{"after": seconds(after), "role": role} for after, role in x.ladder]
    limits = {"acknowledge": x.acknowledge_s, "arrive": x.arrive_s, "contain": x.contain_s, "answer": x.answer_s}
    written = {key: seconds(value) for key, value in limits.items() if value is not None}
    kept = {} if ladder is None else {"ladder": ladder}
    return {"for": x.kind} | _given(severity=x.severity and str(x.severity)) | written | kept


def _rates(x: Rates) -> Plain:
    return {
        "from": f"{x.since}",
        "rework_hour": _number(x.rework_hour),
        "sort_hour": _number(x.sort_hour),
        **_given(unit=_costs(x.unit), stop_minute=_costs(x.stop_minute)),
    }


def _costs(pairs: Iterable[tuple[str, float]]) -> Plain:
    return {key: _number(amount) for key, amount in pairs}


def _number(amount: float) -> float | int:
    return int(amount) if amount.is_integer() else amount
