"""Every operation of the OpenAPI document, with what its schema allows and what not: Schemathesis makes the requests.

`python tests/fuzz/schema.py NAME COUNT SEED` prints a result as JSON. The server is in this process, over the example
factory; somebody with every role asks, so that no door is closed before the request is read.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hypothesis
import schemathesis
from browser import CHEAP, Browser, MovedClock, serve, signed_in, with_example
from fuzz.inside import MOST_S, rss
from fuzz.program import begin
from hypothesis import HealthCheck, Phase, settings

from threenos_server.access import Grant, Role
from threenos_server.db import Database, sqlite_url
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade
from threenos_server.people import passwords

#: Signing in and out would end the session that all others need.
LEFT_OUT = ("/session", "/first-run")
#: So many requests for each operation, again and again until there are enough.
ROUND = 40


class Asking:
    """Sends what Schemathesis makes, and counts what is answered."""

    def __init__(self, browser: Browser, most: int) -> None:
        self.browser, self.most = browser, most
        self.outcomes: Counter[str] = Counter()
        self.crashes: list[tuple[str, str]] = []
        self.done, self.early, self.slowest, self.began = 0, 0, 0.0, monotonic()

    def over(self) -> bool:
        return self.done >= self.most or monotonic() - self.began > MOST_S

    def ask(self, case: Any) -> None:
        if self.over():
            return
        kwargs = case.as_transport_kwargs(base_url="http://localhost")
        path = case.formatted_path.removeprefix("/api/v1")
        began = monotonic()
        answer = self.browser.sent(case.method, path, kwargs)
        self.slowest = max(self.slowest, monotonic() - began)
        self.done += 1
        self.outcomes[str(answer.status_code)] += 1
        if answer.status_code >= 500 or (answer.status_code >= 400 and answer.mimetype != "application/problem+json"):
            self.crashes.append((f"{case.method} {path}: {answer.status_code}", repr(kwargs)[:400]))


class Sender(Browser):
    """A browser that also sends what somebody else has put together."""

    def sent(self, method: str, path: str, given: dict[str, Any]) -> Any:
        headers = {k: v for k, v in dict(given.get("headers") or {}).items() if k.lower() != "cookie"}
        headers.setdefault("X-CSRF-Token", self.csrf or "")
        content = {"json": given["json"]} if "json" in given else {"data": given.get("data")}
        return self._client.open(
            "/api/v1" + path, method=method, query_string=given.get("params"), headers=headers, buffered=True, **content
        )


def _operations(browser: Browser) -> Iterator[Any]:
    document = browser.get("/openapi.json").get_json()
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        if not operation.path.endswith(LEFT_OUT):
            yield operation


def run(_name: str, count: int, seed: int, directory: Path) -> dict[str, object]:
    """Ask until the count or the time is reached."""
    passwords.use(CHEAP)
    db = Database(sqlite_url(directory), FOLDS)
    upgrade(db)
    with_example(db)
    app = serve(db, MovedClock())
    browser = Sender(app)
    signed_in(app, db, "Everything", *(Grant(role) for role in Role))
    assert browser.sign_in("Everything").status_code == 200
    asking = Asking(browser, count)
    strategies = [
        op.as_strategy(generation_mode=mode) for op in _operations(browser) for mode in schemathesis.GenerationMode
    ]
    rounds = random.Random(seed)
    how = settings(max_examples=ROUND, database=None, deadline=None, phases=[Phase.generate],
                   suppress_health_check=list(HealthCheck))  # fmt: skip
    while not asking.over():
        for strategy in strategies:
            test = hypothesis.given(case=strategy)(lambda case: asking.ask(case))
            with suppress(hypothesis.errors.Unsatisfiable):  # nothing can be wrong where nothing is asked for
                hypothesis.seed(rounds.randrange(2**32))(how(test))()
        # What Schemathesis keeps of each schema is made in the first round, in the same process as the server.
        asking.early = asking.early or rss()
    late = rss()
    db.close()
    return {
        "name": "http-schema", "inputs": asking.done, "crashes": len(asking.crashes), "first": asking.crashes[:5],
        "outcomes": len(asking.outcomes), "most": asking.outcomes.most_common(8), "late": late, "threads": 1,
        "seconds": round(monotonic() - asking.began, 1), "early": asking.early or late,
        "slowest_ms": round(asking.slowest * 1000),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(begin(run))
