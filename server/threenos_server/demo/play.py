"""The people of the demo, a process of its own: `python -m threenos_server.demo.play AGENT HTTP SEED PACE`.

Workers press at the station agent's page, responders answer over the HTTP API. The password comes by the environment.
"""

import os
import sys
from dataclasses import dataclass
from random import Random
from threading import Event
from time import monotonic
from typing import Any

import structlog

from threenos_server.chain import example
from threenos_server.cli import logs
from threenos_server.clock import utc_now
from threenos_server.demo.asking import Asking
from threenos_server.demo.figures import load
from threenos_server.demo.plant import ACCOUNTS
from threenos_server.demo.presses import Press, presses
from threenos_server.demo.responses import Act, delay_s, next_act
from threenos_server.stopping import stop_on_signal

PASSWORD = "DEMO_PASSWORD"  # the name of the variable, not a secret
TICK_S = 0.1
LOOK_S = 1.0
COUNT_S = 20.0
#: What was refused is tried again once: somebody else may have been faster.
AGAIN_S = 20.0
#: More open complaints than this are no use to who looks at the board.
CROWDED = 24

log = structlog.get_logger("demo")


@dataclass(frozen=True, slots=True)
class Planned:
    """What somebody will do, at a monotonic time."""

    at: float
    card: dict[str, Any]
    act: Act


class Play:
    """The loop: press what is due, look at the board each second, do what was planned."""

    def __init__(self, agent: str, http: str, password: str, seed: int, pace: float) -> None:
        self._chance, self._figures = Random(seed), load()
        self._chain = example.chain()
        self._presses = presses(self._chain, self._figures, seed, pace)
        self._agent = Asking(agent)
        self._people = {name: Asking(http) for name in ACCOUNTS}
        self._password = password
        self._planned: dict[tuple[str, str, int], Planned] = {}
        self._open = 0

    def run(self, stop: Event) -> None:
        self._sign_in(stop)
        press = next(self._presses)
        press_at, look_at, count_at = monotonic() + press.gap_s, 0.0, monotonic() + COUNT_S
        while not stop.wait(TICK_S):
            now = monotonic()
            try:
                if now >= press_at:
                    self._press(press)
                    press = next(self._presses)
                    press_at = now + press.gap_s
                if now >= look_at:
                    look_at = now + LOOK_S
                    self._look(now)
                if now >= count_at:
                    count_at = now + COUNT_S
                    self._count()
                self._act(now)
            except OSError as e:
                log.warning("not reached; tried again", error=str(e))
                stop.wait(LOOK_S)

    def _sign_in(self, stop: Event) -> None:
        for name, browser in self._people.items():
            while not stop.is_set():
                try:
                    browser.sign_in(name, self._password)
                    break
                except OSError:
                    stop.wait(LOOK_S)

    def _press(self, press: Press) -> None:
        if self._open < CROWDED or press.fields["kind"] == "catch":
            self._at_station(press.station, press.fields)

    def _at_station(self, station: str, fields: dict[str, Any]) -> None:
        status, answer = self._agent.ask("POST", f"/api/stations/{station}/presses", fields)
        if status != 201:
            log.warning("press not taken", station=station, fields=fields, status=status, answer=answer)

    def _count(self) -> None:
        """What each station handed on since the last count."""
        for station in self._chain.stations:
            self._at_station(station, {"kind": "count", "qty": self._chance.randint(4, 12)})

    def _look(self, now: float) -> None:
        """Plan what comes next for each complaint that stands on the board in a new state."""
        status, board = self._people["director"].ask("GET", "/api/v1/board")
        if status != 200:
            log.warning("no board", status=status, answer=board)
            return
        cards = {self._key(card): card for card in board["complaints"]}
        self._open = len(cards)
        self._planned = {key: plan for key, plan in self._planned.items() if key in cards}
        today = utc_now().date().isoformat()
        for key, card in cards.items():
            if key not in self._planned:
                act = next_act(self._chance, card, today)
                if act is not None:
                    self._planned[key] = Planned(now + delay_s(self._chance, card, act, self._figures), card, act)

    @staticmethod
    def _key(card: dict[str, Any]) -> tuple[str, str, int]:
        return (
            card["id"],
            f"{card['state']} {card['attribution']} {card['stop'] and card['stop']['state']}",
            card["round"],
        )

    def _act(self, now: float) -> None:
        for key, plan in list(self._planned.items()):
            if now >= plan.at:
                self._planned[key] = Planned(now + AGAIN_S, plan.card, plan.act)
                self._do(plan.card, plan.act)

    def _do(self, card: dict[str, Any], act: Act) -> None:
        if act.who == "station":
            self._at_station(card["station"], {"kind": act.command, "complaint": card["id"], **act.body})
            return
        path = (
            f"/api/v1/lines/{card['line']}/{act.command}"
            if act.line
            else f"/api/v1/complaints/{card['id']}/{act.command}"
        )
        browser = self._people[act.who]
        status, answer = browser.ask("GET", f"/api/v1/complaints/{card['id']}")
        version = answer["version"] if status == 200 and "version" in answer else card["version"]
        status, answer = browser.ask("POST", path, act.body, version)
        if status >= 400:
            log.info("command refused", command=act.command, status=status, answer=answer)


def main(agent: str, http: str, seed: str, pace: str) -> None:
    """Play until SIGTERM."""
    logs.configure("warning")
    Play(agent, http, os.environ[PASSWORD], int(seed), float(pace)).run(stop_on_signal())


if __name__ == "__main__":
    main(*sys.argv[1:])
