"""Service standards: within how many seconds a complaint is acknowledged, arrived at, contained, answered. Pure."""

from dataclasses import dataclass

from threenos_server.access import Role
from threenos_wire.events import Severity

#: On a ladder: whoever is on the roster of the function that was called.
FUNCTION_ROSTER = "function"
#: Whom a rung may name.
RUNG_ROLES = (*(str(role) for role in Role if role is not Role.ADMIN), FUNCTION_ROSTER)
#: The kinds of complaint that a standard may set.
KINDS = ("reject", "stop", "call", "late-response")

Ladder = tuple[tuple[int, str], ...]
"""(seconds after receipt, role), lowest first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one complaint, in seconds; None is a clock that does not run."""

    acknowledge_s: int | None
    arrive_s: int | None
    contain_s: int | None
    answer_s: int | None
    ladder: Ladder


@dataclass(frozen=True, slots=True)
class Rule:
    """What a standard sets for one kind of complaint (of one severity, or of any); None leaves the default."""

    kind: str
    severity: Severity | None = None
    acknowledge_s: int | None = None
    arrive_s: int | None = None
    contain_s: int | None = None
    answer_s: int | None = None
    ladder: Ladder | None = None


@dataclass(frozen=True, slots=True)
class Standard:
    """A named set of rules that links refer to. The one called `default` holds wherever no link names another."""

    id: str
    rules: tuple[Rule, ...]


DEFAULT = "default"
_MIN, _HOUR = 60, 3600
DEFAULTS: dict[str, Limits] = {
    "reject": Limits(
        3 * _MIN, 10 * _MIN, _HOUR, 24 * _HOUR,
        ((0, Role.TEAM_LEADER), (10 * _MIN, Role.SUPERVISOR), (60 * _MIN, Role.DIRECTOR)),
    ),
    "stop": Limits(
        _MIN, 3 * _MIN, 15 * _MIN, 24 * _HOUR,
        ((0, Role.TEAM_LEADER), (3 * _MIN, Role.SUPERVISOR), (10 * _MIN, Role.DIRECTOR)),
    ),
    "call": Limits(5 * _MIN, 15 * _MIN, None, None, ((0, FUNCTION_ROSTER), (10 * _MIN, Role.SUPERVISOR))),
    "late-response": Limits(None, None, None, 24 * _HOUR, ()),
}  # fmt: skip


def resolve(standards: tuple[Standard, ...], kind: str, severity: str | None) -> Limits:
    """The limits for a kind and severity: the first standard that sets a value wins, in it the rule with a severity.

    What none of them sets is the default; a clock that the kind does not have (`contain` of a call) stays off.
    Raises KeyError for a kind that has no clocks.
    """
    rules = [
        rule
        for standard in standards
        for rule in sorted(standard.rules, key=lambda r: r.severity is None)
        if rule.kind == kind and rule.severity in (None, severity)
    ]
    base = DEFAULTS[kind]

    def pick(field: str) -> int | None:
        fallback: int | None = getattr(base, field)
        if fallback is None:
            return None
        return next((v for rule in rules if (v := getattr(rule, field)) is not None), fallback)

    ladder = next((rule.ladder for rule in rules if rule.ladder is not None), base.ladder)
    return Limits(pick("acknowledge_s"), pick("arrive_s"), pick("contain_s"), pick("answer_s"), ladder)
