"""Every operation of the OpenAPI document, with what its schema allows and what not: Schemathesis makes the requests.

Somebody with every role asks, so that no door is closed before the request is read.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import requests
import schemathesis
from browser import API, PASSWORD
from fuzz.attacked import EVERYTHING, Plant
from fuzz.mutate import Mutator
from hypothesis import HealthCheck, Phase, settings

#: Signing in and out would end the session that all others need.
LEFT_OUT = ("/session", "/first-run")
#: So many requests for each operation, again and again until there are enough.
ROUND = 40


class Asking:
    """Sends what Schemathesis makes, and counts what is answered."""

    def __init__(self, plant: Plant, outcomes: Counter[str]) -> None:
        self._api = plant.system.http + API
        self._outcomes = outcomes
        self._session = requests.Session()
        said = {"name": EVERYTHING, "password": PASSWORD}
        self._csrf = self._session.post(f"{self._api}/session", json=said, timeout=20).json()["csrf"]
        self.done = 0

    def strategies(self) -> list[Any]:
        """For each operation one that keeps to its schema, and one that does not."""
        document = self._session.get(f"{self._api}/openapi.json", timeout=20).json()
        operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
        return [
            operation.as_strategy(generation_mode=mode)
            for operation in operations
            if not operation.path.endswith(LEFT_OUT)
            for mode in schemathesis.GenerationMode
        ]

    def examples(self, strategy: Any, seed: int) -> None:
        """Ask for what one strategy makes."""
        how = settings(max_examples=ROUND, database=None, deadline=None, phases=[Phase.generate],
                       suppress_health_check=list(HealthCheck))  # fmt: skip
        test = hypothesis.given(case=strategy)(lambda case: self.ask(case))
        with suppress(hypothesis.errors.Unsatisfiable):  # nothing can be wrong where nothing is asked for
            hypothesis.seed(seed)(how(test))()

    def ask(self, case: Any) -> None:
        given = case.as_transport_kwargs(base_url="http://localhost")
        headers = {k: v for k, v in dict(given.get("headers") or {}).items() if k.lower() != "cookie"}
        headers.setdefault("X-CSRF-Token", self._csrf)
        path = case.formatted_path.removeprefix(API)
        content = {"json": given["json"]} if "json" in given else {"data": given.get("data")}
        answer = self._session.request(
            case.method, self._api + path, params=given.get("params"), headers=headers, allow_redirects=False,
            timeout=60, **content,
        )  # fmt: skip
        self.done += 1
        self._outcomes[str(answer.status_code)] += 1
        # What is no HTTP is refused by gunicorn before we see it, in its own words.
        ours = "Content-Security-Policy" in answer.headers
        if answer.status_code >= 500 or (ours and answer.status_code >= 400 and not _problem(answer)):
            self._outcomes["crash"] += 1
            print(f"{case.method} {path}: {answer.status_code} to {given!r}"[:600], file=sys.stderr)


def _problem(answer: requests.Response) -> bool:
    return answer.headers.get("Content-Type", "").startswith("application/problem+json")


def operations(plant: Plant, mutator: Mutator, outcomes: Counter[str]) -> Iterator[int]:
    """Ask for one operation after the other, in rounds. Until the first is over some lack what they load."""
    asking = Asking(plant, outcomes)
    strategies = asking.strategies()
    while True:
        for strategy in strategies:
            asking.examples(strategy, mutator.below(2**32))
        yield asking.done
