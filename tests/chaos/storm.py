"""A storm: the processes run, people press, and somebody kills one process after the other; then all is looked at."""

import http.client
import json
import random
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic

from chaos import factory
from chaos.check import check, left, rows_of_events
from chaos.homes import Home, home
from chaos.people import Told, listening
from chaos.pressing import Desk, Foreigner, Ledger, Presser, Worker, ask
from chaos.report import Plan, Report
from chaos.violation import Violation
from chaos.watching import Watcher
from chaos.works import Works

from threenos_server.clock import utc_now

#: Whom a kill hits how often.
WEIGHTS = {"agent": 3, "broker": 2, "intake": 3, "web": 2, "clock": 3, "database": 2}
#: Of these a child dies as often as the whole.
WITH_CHILDREN = frozenset({"web", "database"})
#: The database lives longer than the others by this: who starts while it recovers ends, and is started again.
LONGER = 2
#: The time of one kill, at most: all kills together end after so much each.
LONGEST_S = 6.0
#: Ending by themselves so often, one after the other, processes do not run at all.
MOST_DEATHS = 8
#: An intake that has recorded so many events is at work.
AT_WORK = 25
#: The end of what each process said is told when something does not hold.
LOG_CHARACTERS = 2000


def run(plan: Plan, directory: Path, say: Callable[[str], None] = lambda _: None) -> Report:
    """Let it storm in `directory`, which is empty; the processes are gone when this returns."""
    with listening(plan.seed) as told, home(plan.database, directory) as place:
        works = Works(directory, factory.build(directory / "data", place, told.url), plan.fault)
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
        self._life = {name: self._lifetime(name) for name in plan.running}
        self._again: dict[str, float] = {}
        self._hit: dict[str, float] = {}
        self._home: Home = works.factory.home
        self.wall = Watcher(works.web_port, works.factory.token) if "web" in plan.services else None
        self.pressers = self._pressers()

    def _pressers(self) -> list[Presser]:
        seed = self.plan.seed
        who: list[Presser] = [Worker(self.works, s, self.ledger, seed) for s in factory.STATIONS]
        self.foreigner = Foreigner(self.works, self.ledger, seed)
        who.append(self.foreigner)
        return [*who, Desk(self.works, self.ledger, seed)] if "web" in self.plan.services else who

    def run(self) -> Report:
        plan = self.plan
        self._note(f"{plan.database}, seed {plan.seed}, {plan.kills} kills, fault {plan.fault or 'none'}")
        self.works.start(*sorted(plan.running, key=lambda name: name != "broker"))
        for thread in (*self.pressers, *((self.wall,) if self.wall else ())):
            thread.start()
        self._kill_one_after_the_other()
        self._calm_down()
        self._look()
        return self.report

    def end(self) -> None:
        """Whatever happened: nobody presses or looks, nothing runs."""
        for presser in self.pressers:
            presser.stopping.set()
        self.foreigner.close()
        if self.wall is not None:
            self.wall.close()
        self.works.close()

    def _kill_one_after_the_other(self) -> None:
        done, seen = 0, 0
        until = monotonic() + LONGEST_S * (self.plan.kills + 3)
        while done < self.plan.kills and not self._gave_up(until):
            Event().wait(self.chance.uniform(*self.plan.pause_s))
            self._tend()
            victim = self._victim()
            if victim is None or (self.plan.at_work and rows_of_events(self._home, seen) - seen < AT_WORK):
                continue
            seen = rows_of_events(self._home, seen) if self.plan.at_work else 0
            done += 1
            if self.plan.cut_every and done % self.plan.cut_every == 0:
                self._cut()
            else:
                self._kill(victim)

    def _gave_up(self, until: float) -> bool:
        """Nothing runs for ever, whatever is broken."""
        broken = [name for name, service in self.works.services.items() if service.short_lives > MOST_DEATHS]
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
            for name in self.plan.mortal
            if name not in self._again
            and self.works.services[name].runs
            and now - max(self.works.services[name].began, self._hit.get(name, 0.0)) > self._life[name]
        ]
        return self.chance.choices(ripe, [WEIGHTS[name] for name in ripe])[0] if ripe else None

    def _lifetime(self, name: str) -> float:
        """How long it is to live this time, in seconds."""
        return self.chance.uniform(*self.plan.life_s) * (LONGER if name == "database" else 1)

    def _kill(self, name: str) -> None:
        service = self.works.services[name]
        draw = self.chance.random()
        pid = service.kill(2 * draw if name in WITH_CHILDREN and draw < 0.5 else None)
        self._hit[name] = monotonic()
        self.report.kills[name] += 1
        self._note(f"kill -9 {name} ({pid}{', a child' if service.runs else ''})")
        self._life[name] = self._lifetime(name)
        if not service.runs:
            self._again[name] = monotonic() + self.chance.uniform(0.0, 1.5)

    def _cut(self) -> None:
        lost = self.works.power_cut()
        self.report.lost_bytes += lost
        self.report.kills["power"] += 1
        self._note(f"power cut: {lost} bytes that no disk had are gone")
        self._again = dict.fromkeys(self.plan.running, monotonic())
        self._tend()

    def _tend(self) -> None:
        """Start what is due to be started, and what has ended by itself."""
        for name in self.plan.running:
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
        rest = {what: count for what, count in rest.items() if count}
        return rest or left(self._home, utc_now() if "clock" in self.plan.services else None, self.wall)

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
        if self.wall is not None:
            self.wall.close()
        self.works.close()
        self.ledger.recorded |= _recorded(self.works.agent_data / "station.db")
        self._home.start()
        report, ledger = self.report, self.ledger
        report.seen, found = check(self._home, self.works.data, ledger, self.told, self.wall)
        report.violations += self._judged(found)
        report.saved, report.direct, report.sent_again = len(ledger.saved), ledger.direct, ledger.sent_again
        report.notices, report.commands = len(self.told.notices), sum(ledger.commands.values())
        report.shown = len(self.wall.shown) if self.wall else 0
        report.deaths.update({name: len(s.deaths) for name, s in self.works.services.items() if s.deaths})
        report.seconds = monotonic() - self._began
        if report.violations:
            report.logs = _logs(self.works.directory)

    def _judged(self, violations: Iterable[Violation]) -> list[Violation]:
        """Without a clock nobody is escalated or told, no line stops after its grace, nobody waits for an end."""
        without = set() if "clock" in self.plan.services else {"escalation", "notice", "grace", "waiting"}
        return [v for v in violations if v.kind not in without]

    def _note(self, what: str) -> None:
        line = f"{monotonic() - self._began:7.2f} s  {what}"
        self.report.history.append(line)
        self._say(line)


def _recorded(outbox: Path) -> set[str]:
    """What the agent remembers as recorded by the server."""
    with closing(sqlite3.connect(outbox)) as db:
        return {row[0] for row in db.execute("SELECT id FROM recorded")}


def _logs(directory: Path) -> str:
    """The end of what each process said."""
    found = sorted(directory.glob("*.log"))
    return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-LOG_CHARACTERS:]}" for log in found)
