"""`threenos report`: figures from files. `spc` draws a control chart and needs no server and no database."""

import csv
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from threenos_server.cli.show import problem, say
from threenos_server.errors import Fault, Invalid, NotFound
from threenos_server.reports.figures.charts import Chart, Kind, Limits, Options, Phase, Point, draw
from threenos_server.reports.figures.charts.reading import Row, distinct, indexes, read
from threenos_server.reports.figures.charts.rules import NELSON, WESTERN_ELECTRIC
from threenos_server.settings import Settings

_WRONG_USE = 2
_RULES = {"none": (), "western-electric": WESTERN_ELECTRIC, "nelson": NELSON}
_SUMS = frozenset({Kind.CUSUM, Kind.POISSON_CUSUM})
#: Which charts an option means something for; the others mean it for all.
_ONLY_FOR = {
    "sigma": frozenset({Kind.EWMA, Kind.CUSUM}),
    "k": _SUMS,
    "h": _SUMS,
    "lambda": frozenset({Kind.EWMA}),
    "l": frozenset({Kind.EWMA}),
}
_EXACT = frozenset(Kind) - _SUMS - {Kind.P_PRIME, Kind.U_PRIME}
_SHARES = frozenset({Kind.P, Kind.P_PRIME})


def spc(_settings: Settings, args: Namespace) -> int:
    """Draw one chart from a CSV file, as JSON or as a table; 1 when the file is wrong, 2 when the options are."""
    kind = Kind(args.chart)
    wrong = tuple(_wrong(kind, args))
    if wrong:
        problem(f"these options do not go with a chart of kind {kind}", wrong, as_json=args.json)
        return _WRONG_USE
    name = str(args.csv)
    rows = read(_content(Path(args.csv)), name, kind)
    if kind is Kind.FUNNEL:
        distinct(rows, name)
    chart = draw(kind, [row.reading for row in rows], _options(kind, rows, name, args))
    say(args, _plain(chart), "\n".join(_table(chart)))
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise NotFound(f"{path}: {e.strerror}") from e


def _wrong(kind: Kind, args: Namespace) -> Iterator[Fault]:
    for option, kinds in _ONLY_FOR.items():
        if getattr(args, option) is not None and kind not in kinds:
            yield Fault(f"--{option}", f"is for {' and '.join(sorted(kinds))}; leave it out")
    if args.limits == Limits.EXACT and kind not in _EXACT:
        yield Fault("--limits exact", f"a chart of kind {kind} has none; leave it out")
    if args.limits == Limits.WEIBULL and (kind is not Kind.T or args.target is not None):
        yield Fault("--limits weibull", "is for a t chart without a target")
    if args.phase_at is not None and kind is Kind.FUNNEL:
        yield Fault("--phase-at", "a funnel compares processes, which have no before and after; leave it out")
    if args.phase_limits is not None and args.phase_at is None:
        yield Fault("--phase-limits", "needs --phase-at")
    if args.target is not None and kind not in (Kind.EWMA, Kind.CUSUM):
        most = 1 if kind in _SHARES else None
        if args.target < 0 or (most is not None and args.target > most):
            yield Fault("--target", f"{args.target:g} cannot be the centre: it is from 0{' to 1' if most else ' on'}")


def _options(kind: Kind, rows: Sequence[Row], name: str, args: Namespace) -> Options:
    named = [label for text in args.exclude for label in _labels(text, rows)]
    phase_at = None if args.phase_at is None else indexes(rows, [args.phase_at.strip()], name, "--phase-at")[0]
    if phase_at == 0:
        raise Invalid(f"--phase-at {args.phase_at} is the first row of {name}: there is no baseline before it")
    limits = Limits(args.limits)
    if limits is Limits.EXACT and kind in (Kind.P, Kind.NP):
        _whole_sizes(rows, name)
    defaults = Options()
    return Options(
        excluded=frozenset(indexes(rows, named, name, "--exclude")),
        phase_at=phase_at,
        own_limits=args.phase_limits == "own",
        target=args.target,
        sigma=args.sigma,
        k=args.k,
        h=args.h,
        smoothing=defaults.smoothing if getattr(args, "lambda") is None else getattr(args, "lambda"),
        width=defaults.width if args.l is None else args.l,
        limits=limits,
        rules=None if args.rules is None else _RULES[args.rules],
    )


def _labels(text: str, rows: Sequence[Row]) -> list[str]:
    """Labels divided by commas; a label that has one itself stands alone or in quotation marks."""
    if any(row.reading.label == text.strip() for row in rows):
        return [text.strip()]
    return [label.strip() for label in next(csv.reader([text], skipinitialspace=True), []) if label.strip()]


def _whole_sizes(rows: Sequence[Row], name: str) -> None:
    for row in rows:
        if row.reading.size is not None and not float(row.reading.size).is_integer():
            where = f"{name} line {row.line}, column size"
            detail = (
                f"{row.reading.size:g} is not whole, as binomial limits need it; use --limits shewhart or a u chart"
            )
            raise Invalid(f"{name} has no exact limits", Fault(where, detail))


def _plain(chart: Chart) -> dict[str, Any]:
    return {
        "chart": chart.kind.value,
        "centre": chart.centre,
        "sigma_z": chart.sigma_z,
        "points": [_point(point) for point in chart.points],
        "phases": [_phase(phase) for phase in chart.phases],
    }


def _point(point: Point) -> dict[str, Any]:
    plain = {
        "label": point.label,
        "value": point.value,
        "lower": point.lower,
        "upper": point.upper,
        "rules": list(point.rules),
    }
    if (sums := point.sums) is not None:
        plain |= {"c_plus": sums.c_plus, "c_minus": sums.c_minus, "n_plus": sums.n_plus, "n_minus": sums.n_minus}
    return plain


def _phase(phase: Phase) -> dict[str, Any]:
    runs, judgement = phase.anhoej, phase.judgement
    return {
        "first": phase.first,
        "last": phase.last,
        "centre": phase.centre,
        "sigma": phase.sigma,
        "sigma_z": phase.sigma_z,
        "enough": judgement.enough,
        "points": judgement.points,
        "points_needed": judgement.points_needed,
        "expected": judgement.expected,
        "expected_needed": judgement.expected_needed,
        "longest_run": runs.longest_run,
        "longest_run_max": runs.longest_run_max,
        "crossings": runs.crossings,
        "crossings_min": runs.crossings_min,
        "useful": runs.useful,
    }


def _table(chart: Chart) -> Iterator[str]:
    yield f"{chart.kind} chart"
    for phase in chart.phases:
        yield from _described(phase)
    sums = chart.kind in _SUMS
    yield "".join(f"{head:>12}" for head in ("value", "lower", "upper", *(("C+", "C-", "N+", "N-") if sums else ())))
    for point in chart.points:
        yield _line(point)


def _described(phase: Phase) -> Iterator[str]:
    known = (("sigma", phase.sigma), ("sigma z", phase.sigma_z))
    extra = "".join(f", {name} {_short(value)}" for name, value in known if value is not None)
    yield f"{phase.first} to {phase.last}: centre {_short(phase.centre)}{extra}"
    runs, judgement = phase.anhoej, phase.judgement
    if runs.longest_run_max is not None:
        yield (
            f"  longest run {runs.longest_run} (at most {runs.longest_run_max}), "
            f"{runs.crossings} crossings (at least {runs.crossings_min}){': a shift' if runs.signal else ''}"
        )
    if not judgement.enough:
        yield f"  too few to judge: {judgement.points} points, {judgement.points_needed} needed"
        if judgement.expected is not None and judgement.expected_needed is not None:
            yield f"  counted in each point: {_short(judgement.expected)}, {judgement.expected_needed:g} needed"


def _line(point: Point) -> str:
    numbers: list[float | None] = [point.value, point.lower, point.upper]
    if (sums := point.sums) is not None:
        numbers += [sums.c_plus, sums.c_minus, sums.n_plus, sums.n_minus]
    marks = [point.label, *(["excluded"] if point.excluded else []), *point.rules]
    return "".join(f"{_short(number):>12}" for number in numbers) + "  " + "  ".join(marks)


def _short(number: float | None) -> str:
    return "-" if number is None else f"{number:.6g}"
