"""Satisfaction: what customers answered, how many did, and nothing when so few did that they could be recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from threenos_server.errors import Invalid
from threenos_server.reports.figures.rates import Interval, wilson

#: Fewer answers than this are not shown: domain.md, Figures.
LEAST = 5
#: Stars from which on a customer counts as satisfied.
SATISFIED = 4


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Shares from 0 to 1 with Wilson's intervals. `mean` and `csat` are None when hidden."""

    asked: int
    responses: int
    response_share: float | None
    response_interval: Interval | None
    mean: float | None
    csat: float | None
    csat_interval: Interval | None
    hidden: bool


def satisfaction(ratings: Sequence[int], asked: int) -> Satisfaction:
    """Ratings of 1 to 5 stars out of `asked`. CSAT is the share of 4 and 5 stars; stars never make an NPS.

    Raises Invalid for a rating outside 1 to 5 or more answers than questions. Source: ISO 10004:2018.
    """
    if any(not 1 <= rating <= 5 for rating in ratings) or len(ratings) > asked:
        raise Invalid("Ratings are 1 to 5, and there are not more of them than were asked for.")
    hidden = len(ratings) < LEAST
    satisfied = sum(rating >= SATISFIED for rating in ratings)
    return Satisfaction(
        asked=asked,
        responses=len(ratings),
        response_share=len(ratings) / asked if asked else None,
        response_interval=wilson(len(ratings), asked),
        mean=None if hidden else fmean(ratings),
        csat=None if hidden else csat(satisfied, len(ratings)),
        csat_interval=None if hidden else wilson(satisfied, len(ratings)),
        hidden=hidden,
    )


def csat(satisfied: int, answers: int) -> float | None:
    """The share of answers that were satisfied; None of nothing."""
    return satisfied / answers if answers else None


@dataclass(frozen=True, slots=True)
class Nps:
    """`score` from −100 to 100."""

    promoters: int
    passives: int
    detractors: int
    score: float


def nps(scores: Sequence[int]) -> Nps | None:
    """Of survey answers 0 to 10: the share of 9 and 10 less the share of 0 to 6, times 100; None when under five.

    Raises Invalid for an answer outside 0 to 10. Source: Reichheld 2003, The one number you need to grow, Harvard
    Business Review 81(12).
    """
    if any(not 0 <= score <= 10 for score in scores):
        raise Invalid("A survey's answers are 0 to 10.")
    if len(scores) < LEAST:
        return None
    promoters, detractors = sum(score >= 9 for score in scores), sum(score <= 6 for score in scores)
    return Nps(
        promoters,
        len(scores) - promoters - detractors,
        detractors,
        100 * (promoters - detractors) / len(scores),
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """Perception less expectation: each dimension's, their mean, and their mean by weight."""

    gaps: tuple[float, ...]
    unweighted: float
    weighted: float


def servqual_gap(
    expectation: Sequence[float], perception: Sequence[float], weight: Sequence[float] | None = None
) -> Gap:
    """The gaps of a survey, one number for each dimension in all arguments; without weights all weigh the same.

    Raises ValueError when the lengths differ. Source: Parasuraman, Zeithaml & Berry 1988, J. of Retailing 64(1), 12–40.
    """
    gaps = tuple(seen - wanted for wanted, seen in zip(expectation, perception, strict=True))
    weights = tuple(weight) if weight is not None else (1.0,) * len(gaps)
    by_weight = sum(w * gap for w, gap in zip(weights, gaps, strict=True)) / sum(weights)
    return Gap(gaps, fmean(gaps), by_weight)
