"""Several web workers under one gunicorn, and what `up` prints for a program."""

import json
import re
from collections.abc import Callable
from urllib.request import urlopen

from plant import RunningSystem

ASKED = 30


def test_what_up_prints_as_json_is_json(run_system: Callable[..., RunningSystem]) -> None:
    """One document, the one-time code of an empty system in it."""
    system = run_system("--json")
    (printed,) = [line for line in system.log().splitlines() if '"mqtt"' in line]
    said = json.loads(printed)
    assert (said["http"], tuple(said["mqtt"].values())) == (system.http, system.mqtt)
    assert re.fullmatch(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){2}", said["first_code"])
    assert "Nobody administers" not in system.log()


def counted(system: RunningSystem) -> int:
    with urlopen(f"{system.http}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'^threenos_http_request_seconds_count\{[^}]*route="/health/live"[^}]*\} ([0-9.]+)$', text, re.M)
    return int(sum(map(float, found)))


def test_metrics_are_of_all_workers(run_system: Callable[..., RunningSystem]) -> None:
    """Every scrape sees every request, and a worker that is gone takes no counts with it."""
    system = run_system("--web-workers", "2")
    for _ in range(ASKED):
        urlopen(f"{system.http}/health/live", timeout=10).close()
    assert {counted(system) for _ in range(8)} == {ASKED}
