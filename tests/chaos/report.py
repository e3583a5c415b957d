"""What is to happen in a storm, and what happened."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chaos.check import Seen
from chaos.violation import Violation, counted

SERVICES = ("agent", "broker", "intake", "web", "clock")
#: So many violations are told in words.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. Without `victims` everybody is one. The power is cut every so many kills (0: never)."""

    seed: int
    kills: int
    database: str = "sqlite"
    fault: str | None = None
    services: Sequence[str] = SERVICES
    victims: Sequence[str] = ()
    pause_s: tuple[float, float] = (0.2, 1.4)
    life_s: tuple[float, float] = (0.5, 6.0)
    cut_every: int = 0
    at_work: bool = False  # wait with each kill until the intake has recorded something since the one before
    rest_s: float = 60.0

    @property
    def running(self) -> tuple[str, ...]:
        """Everything that runs, the database last where it is a program."""
        return (*self.services, *(("database",) if self.database == "postgresql" else ()))

    @property
    def mortal(self) -> tuple[str, ...]:
        return tuple(self.victims) or self.running

    def again(self) -> str:
        """The command that does the same once more."""
        what = f"FAULT={self.fault}" if self.fault else f"N={self.kills}"
        return f"make chaos {what} SEED={self.seed} DB={self.database}"


@dataclass(slots=True)
class Report:
    """What happened, and what did not hold."""

    plan: Plan
    seen: Seen = field(default_factory=lambda: Seen(0, 0, 0))
    saved: int = 0
    direct: int = 0
    sent_again: int = 0
    notices: int = 0
    commands: int = 0
    shown: int = 0
    lost_bytes: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    history: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    logs: str = ""

    def kinds(self) -> set[str]:
        return {v.kind for v in self.violations}

    def __str__(self) -> str:
        plan = self.plan
        lines = [
            *self.history,
            f"{plan.database}; seed {plan.seed}; fault {plan.fault or 'none'}; {self.seconds:.0f} s",
            *told([self]),
        ]
        if self.violations:
            lines += [*map(str, self.violations[:SHOWN]), f"again: {plan.again()}", self.logs]
        return "\n".join(lines)


def told(reports: Iterable[Report]) -> list[str]:
    """Kills per process, what there was, and the verdict, of these storms together."""
    storms = list(reports)
    violations = [v for storm in storms for v in storm.violations]
    return [
        f"kills: {_named(storm.kills for storm in storms) or 'none'}",
        f"ended by themselves: {_named(storm.deaths for storm in storms) or 'none'}",
        f"events: {sum(s.seen.events for s in storms)} in the journal, {sum(s.saved for s in storms)} saved by the "
        f"agent, {sum(s.direct for s in storms)} without it, {sum(s.sent_again for s in storms)} sent again; "
        f"{sum(s.seen.complaints for s in storms)} complaints; {sum(s.seen.escalations for s in storms)} escalations "
        f"and missed limits; {sum(s.notices for s in storms)} notices handed over; "
        f"{sum(s.commands for s in storms)} commands answered; {sum(s.shown for s in storms)} cards drawn; "
        f"{sum(s.lost_bytes for s in storms)} bytes lost in power cuts",
        f"verdict: {'VIOLATED' if violations else 'all holds'}: {counted(violations)}",
    ]


def _named(counts: Iterable[Counter[str]]) -> str:
    whole: Counter[str] = sum(counts, Counter())
    return ", ".join(f"{name} {count}" for name, count in sorted(whole.items()))
