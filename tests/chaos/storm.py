"""A storm: the processes run, people press, and somebody kills one process after the other; then all is looked at."""

import http.client
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

from chaos import factory
from chaos.check import Violation, check, left
from chaos.people import Told, listening
from chaos.pressing import Desk, Foreigner, Ledger, Presser, Worker, ask
from chaos.works import SERVICES, Works

from threenos_server.clock import utc_now

#: Whom a kill hits how often.
WEIGHTS = {"agent": 3, "broker": 2, "intake": 3, "web": 1, "clock": 3}
#: So long everything may take to come to rest after the last kill.
REST_S = 60.0
#: The time of one kill, at most: all kills together end after so much each.
LONGEST_S = 6.0
#: Ending by themselves so often, processes do not run at all.
MOST_DEATHS = 8
#: An intake that has recorded so many events is at work.
AT_WORK = 25


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. A cut of the power comes every so many kills (0: never)."""

    seed: int
    kills: int
    fault: str | None = None
    victims: Sequence[str] = SERVICES
    services: Sequence[str] = SERVICES
    pause_s: tuple[float, float] = (0.3, 1.6)
    life_s: tuple[float, float] = (0.5, 6.0)
    cut_every: int = 0
    at_work: bool = False  # wait with each kill until the intake has recorded something since the one before
    rest_s: float = REST_S


@dataclass(slots=True)
class Report:
    """What happened, and what did not hold."""

    plan: Plan
    events: int = 0
    saved: int = 0
    direct: int = 0
    sent_again: int = 0
    notices: int = 0
    commands: int = 0
    lost_bytes: int = 0
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    history: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def kinds(self) -> set[str]:
        return {v.kind for v in self.violations}

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        verdict = "\n".join(["VIOLATED", *map(str, self.violations[:20])]) if self.violations else "all holds"
        return "\n".join([
            *self.history,
            f"seed {self.plan.seed}; fault {self.plan.fault or 'none'}; {self.seconds:.0f} s",
            f"kills: {killed or 'none'}",
            f"events: {self.events} in the journal, {self.saved} saved by the agent, {self.direct} without it; "
            f"{self.sent_again} sent again; {self.notices} notices handed over; {self.commands} commands answered; "
            f"{self.lost_bytes} bytes lost in power cuts",
            f"verdict: {verdict}",
        ])  # fmt: skip


def run(plan: Plan, directory: Path, say: Callable[[str], None] = lambda _: None) -> Report:
    """Let it storm in `directory`, which is empty; the processes are gone when this returns."""
    with listening(plan.seed) as told:
        works = Works(directory, factory.build(directory / "data", told.url), plan.fault)
        storm = _Storm(plan, works, told, say)
        try:
            return storm.run()
        finally:
            storm.end()


class _Storm:
    def __init__(self, plan: Plan, works: Works, told: Told, say: Callable[[str], None]) -> None:
        self.plan, self.works, self.told, self._say = plan, works, told, say
        self.report, self.ledger, self.chance = Report(plan), Ledger(), random.Random(plan.seed)
        self._began = monotonic()
        self._life = {name: self.chance.uniform(*plan.life_s) for name in SERVICES}
        self._again: dict[str, float] = {}
        self.pressers = self._pressers()

    def _pressers(self) -> list[Presser]:
        seed = self.plan.seed
        who: list[Presser] = [Worker(self.works, s, self.ledger, seed) for s in factory.STATIONS]
        self.foreigner = Foreigner(self.works, self.ledger, seed)
        who.append(self.foreigner)
        return [*who, Desk(self.works, self.ledger, seed)] if "web" in self.plan.services else who

    def run(self) -> Report:
        self._note(f"seed {self.plan.seed}, {self.plan.kills} kills, fault {self.plan.fault or 'none'}")
        self.works.start(*sorted(self.plan.services, key=lambda name: name != "broker"))
        for presser in self.pressers:
            presser.start()
        self._kill_one_after_the_other()
        self._calm_down()
        self._look()
        return self.report

    def end(self) -> None:
        """Whatever happened: nobody presses, nothing runs."""
        for presser in self.pressers:
            presser.stopping.set()
        self.foreigner.close()
        self.works.close()

    def _kill_one_after_the_other(self) -> None:
        done, seen = 0, 0
        until = monotonic() + LONGEST_S * (self.plan.kills + 3)
        while done < self.plan.kills and not self._gave_up(until):
            Event().wait(self.chance.uniform(*self.plan.pause_s))
            self._tend()
            victim = self._victim()
            if victim is None or (self.plan.at_work and _rows(self.works.data) - seen < AT_WORK):
                continue
            seen = _rows(self.works.data)
            done += 1
            if self.plan.cut_every and done % self.plan.cut_every == 0:
                self._cut()
            else:
                self._kill(victim)

    def _gave_up(self, until: float) -> bool:
        """Nothing runs for ever, whatever is broken."""
        broken = [name for name, service in self.works.services.items() if len(service.deaths) > MOST_DEATHS]
        over = monotonic() > until or bool(broken)
        if over:
            why = f"{', '.join(broken)} ended by itself again and again" if broken else "nobody lived long enough"
            self.report.violations.append(Violation("harness", why))
        return over

    def _victim(self) -> str | None:
        """One of those that have lived for as long as they were to live this time."""
        now = monotonic()
        ripe = [
            name
            for name in self.plan.victims
            if name not in self._again
            and self.works.services[name].runs
            and now - self.works.services[name].began > self._life[name]
        ]
        return self.chance.choices(ripe, [WEIGHTS[name] for name in ripe])[0] if ripe else None

    def _kill(self, name: str) -> None:
        service = self.works.services[name]
        pid = service.kill(child=name == "web" and self.chance.random() < 0.5)
        self.report.kills[name] += 1
        self._note(f"kill -9 {name} ({pid})")
        self._life[name] = self.chance.uniform(*self.plan.life_s)
        if not service.runs:
            self._again[name] = monotonic() + self.chance.uniform(0.0, 1.5)

    def _cut(self) -> None:
        lost = self.works.power_cut()
        self.report.lost_bytes += lost
        self.report.kills["power"] += 1
        self._note(f"power cut: {lost} bytes that no disk had are gone")
        self._again = dict.fromkeys(self.plan.services, monotonic())
        self._tend()

    def _tend(self) -> None:
        """Start what is due to be started, and what has ended by itself."""
        for name in self.plan.services:
            service = self.works.services[name]
            due = self._again.get(name)
            if due is None and not service.runs:
                self._note(f"{name} ended by itself: {service.deaths[-1]}")
                due = 0.0
            if due is not None and due <= monotonic():
                self._again.pop(name, None)
                service.start()

    def _calm_down(self) -> None:
        """Nobody presses or kills any more; wait until nothing is left to be done."""
        for presser in self.pressers:
            presser.stopping.set()
        self._again = dict.fromkeys(self._again, 0.0)
        until = monotonic() + self.plan.rest_s
        while (rest := self._left()) and monotonic() < until:
            self._tend()
            Event().wait(0.25)
        for presser in self.pressers:
            presser.join(40)
        self.report.violations += [Violation("left", f"{count} {what}") for what, count in rest.items()]
        self.report.violations += [Violation("harness", fault) for fault in self.ledger.faults]
        self._note("at rest" if not rest else f"never at rest: {rest}")

    def _left(self) -> dict[str, int]:
        rest = {"pressers": sum(p.is_alive() for p in self.pressers), "foreign events": self.foreigner.say_again()}
        rest["events in the agent's outbox"] = self._outbox()
        if "clock" in self.plan.services:
            rest |= left(self.works.data, utc_now())
        return {what: count for what, count in rest.items() if count}

    def _outbox(self) -> int:
        """What waits there, by the agent itself; one when it does not answer."""
        try:
            note = json.loads((self.works.agent_data / "agent.json").read_text())
            _, status = ask(int(note["url"].rpartition(":")[2]), "GET", "/api/status", None)
        except (OSError, http.client.HTTPException, ValueError):
            return 1
        return sum(s["outbox"]["waiting"] for s in status["stations"])

    def _look(self) -> None:
        """Stop everything and judge."""
        self.works.close()
        self.ledger.recorded |= _recorded(self.works.agent_data / "station.db")
        report = self.report
        report.violations += self._judged(check(self.works.data, self.ledger, self.told))
        report.events, report.saved, report.direct = _rows(self.works.data), len(self.ledger.saved), self.ledger.direct
        report.sent_again, report.notices = self.ledger.sent_again, len(self.told.notices)
        report.commands = sum(self.ledger.commands.values())
        report.seconds = monotonic() - self._began

    def _judged(self, violations: Iterable[Violation]) -> list[Violation]:
        """Without a clock nobody is escalated or told."""
        without = set() if "clock" in self.plan.services else {"escalation", "notice"}
        return [v for v in violations if v.kind not in without]

    def _note(self, what: str) -> None:
        line = f"{monotonic() - self._began:7.2f} s  {what}"
        self.report.history.append(line)
        self._say(line)


def _recorded(outbox: Path) -> set[str]:
    """What the agent remembers as recorded by the server."""
    with closing(sqlite3.connect(outbox)) as db:
        return {row[0] for row in db.execute("SELECT id FROM recorded")}


def _rows(data: Path) -> int:
    with closing(sqlite3.connect(data / "threenos.db")) as db:
        return int(db.execute("SELECT count(*) FROM journal WHERE event_id IS NOT NULL").fetchone()[0])
