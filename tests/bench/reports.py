"""Reports over three years of five million complaints, through HTTP, and what their upkeep costs the intake.

The complaints are made up day by day, but what they add is worked out by the fold's own functions. `REPORTS_N` sets
another number of them.
"""

import json
import logging
import os
import random
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlencode

import presses
import sqlalchemy as sa
import structlog
from figures import Figure, percentile
from journal import KEYS, arrival
from plant import postgres_cluster
from werkzeug.serving import WSGIRequestHandler, make_server

from threenos_server import bulk
from threenos_server.access import Grant, Role
from threenos_server.app import create_app
from threenos_server.chain import example
from threenos_server.chain import service as chains
from threenos_server.chain.model import Chain
from threenos_server.clock import utc_now
from threenos_server.complaints.service import take
from threenos_server.db import Base, Database, to_ms
from threenos_server.folds import FOLDS
from threenos_server.migrations import upgrade
from threenos_server.people import service as people
from threenos_server.reports import rollup_sums as sums
from threenos_server.reports.rollup import Cell, Row, Sums, complaint_fact
from threenos_server.reports.rollup_days import days_of, month_of
from threenos_server.reports.service import REPORTS
from threenos_server.reports.tables import CellRow, Closed, DaySum, Fact, MonthSum, Output, PartSum
from threenos_wire.instants import format_instant

COMPLAINTS, DAYS, PARTS = int(os.environ.get("REPORTS_N", "5000000")), 1096, 60
END = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "amber lathe walks northward"
QUARTERS, ROUNDS = 24, 40
SUMMED = (DaySum, MonthSum, PartSum)
TABLES = (CellRow, Fact, *SUMMED, Output, Closed)


def run(directory: Path) -> Iterator[Figure]:
    """SQLite, the same rows in PostgreSQL, then the intake."""
    yield from upkeep(directory)
    light = _database(f"sqlite:///{directory / 'reports.db'}")
    began = perf_counter()
    fill(light)
    print(f"{COMPLAINTS} complaints made in {perf_counter() - began:.0f} s", flush=True)
    yield from timed(light, "SQLite")
    with postgres_cluster() as url:
        heavy = _database(url.format("postgres"))
        copy(light, heavy)
        light.close()
        yield from timed(heavy, "PostgreSQL")
        heavy.close()


def upkeep(directory: Path) -> Iterator[Figure]:
    """CPU of a batch of the intake with the reports' fold and without, in turn, as a share."""
    without = tuple(f for f in FOLDS if f.name != "reports")
    for size in (100, 1000):
        costs: dict[bool, list[float]] = {True: [], False: []}
        runs = {kept: _intake(directory / f"{size}-{kept}.db", FOLDS if kept else without) for kept in costs}
        for n in range(ROUNDS):
            for kept, (db, stations, rng) in runs.items():
                arrivals = [arrival(stations[i % len(stations)], rng) for i in range(size)]
                began = process_time()
                with db.write() as session:
                    take(session, "lakeside", arrivals, utc_now(), KEYS)
                if n >= 5:
                    costs[kept].append(process_time() - began)
        for db, _, _ in runs.values():
            db.close()
        more = statistics.median(costs[True]) / statistics.median(costs[False]) - 1
        yield Figure(f"reports' share of the intake, batches of {size}", "ours", 100 * more, "% more CPU")


def fill(db: Database) -> None:
    """The complaints of three years, by day, with their sums; and what was counted."""
    with db.read() as session:
        chain = chains.current(session, "lakeside")
    rng = random.Random(4)
    months: dict[type[Base], dict[Any, Sums]] = {MonthSum: {}, PartSum: {}}
    cells: dict[int, Cell] = {}
    first = END.toordinal() - DAYS + 1
    later: list[Row] = []
    for day in range(first, first + DAYS):
        made = [*later, *_day(chain, day, rng, COMPLAINTS // DAYS, cells)]
        # After midnight without a night shift it is the next day already.
        facts, later = [f for f in made if f["day"] == day], [f for f in made if f["day"] > day]
        with db.write() as session:
            bulk.insert(session, Fact, facts)
            bulk.insert(session, Output, list(_counted(chain, day, rng)))
            if day < END.toordinal() - 1:
                signed = [(f, 1) for f in facts]
                for table, known in months.items():
                    # The dict is grown in place: a copy for each day would take as long as everything else.
                    for row, sign in signed:
                        known.setdefault(sums.key_of(table, row), Sums()).add(row, sign)
                _store(session, DaySum, sums.added(signed, DaySum, {}))
            if month_of(day) != month_of(day + 1) or day == END.toordinal():
                for table, known in months.items():
                    _store(session, table, known)
                    known.clear()
    with db.write() as session:
        bulk.insert(session, CellRow, [{"site": "lakeside", "id": i, **c._asdict()} for i, c in cells.items()])
        bulk.put(session, Closed, [{"site": "lakeside", "day": END.toordinal() - 2}])
    _analyse(db)


def copy(source: Database, target: Database) -> None:
    """The same rows in another database."""
    for mapped in TABLES:
        names = [c.name for c in Base.metadata.tables[mapped.__tablename__].columns]
        raw = target.engine.raw_connection()
        with raw.cursor() as cursor, source.engine.connect() as connection:
            columns = ", ".join(f'"{n}"' for n in names)
            cursor.execute(f"TRUNCATE {mapped.__tablename__}")
            found = connection.execution_options(yield_per=5000).execute(sa.select(*bulk.raw(mapped).c))
            with cursor.copy(f"COPY {mapped.__tablename__} ({columns}) FROM STDIN") as out:
                for row in found:
                    out.write_row(row)
        raw.commit()
        raw.close()
    _analyse(target)


def timed(db: Database, name: str) -> Iterator[Figure]:
    """Each report of a quarter with any filter, and of everything."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with served(db) as ask:
        worst: dict[str, list[float]] = {"quarter": [], "whole": []}
        for report in REPORTS:
            rng = random.Random(report)
            asked = [_quarter(rng, n) for n in range(QUARTERS)]
            took = [ask(report, query) for query in asked]
            quarter, slowest = sorted(took), asked[took.index(max(took))]
            whole = sorted(ask(report, _whole(n)) for n in range(len(_FILTERS)))
            shown = f"quarter p95 {percentile(quarter, 95):.0f} ms, whole {whole[-1]:.0f} ms"
            shown += f"; slowest quarter {max(took):.0f} ms, {urlencode(slowest)}"
            print(f"{name} {report}: {shown}", flush=True)
            worst["quarter"].append(percentile(quarter, 95))
            worst["whole"].append(whole[-1])
    yield Figure(f"slowest report of a quarter, p95, {name}", "ours", max(worst["quarter"]), "ms")
    yield Figure(f"slowest report of three years, {name}", "ours", max(worst["whole"]), "ms")


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def served(db: Database) -> Iterator[Any]:
    """The app behind a real socket; asks a report with a query and says how long that took, in ms."""
    with db.write() as session:
        people.add(session, "bench", NOW, grants=[Grant(Role.QUALITY_ENGINEER)], password=PASSWORD)
    app = create_app(db, KEYS, now=lambda: NOW, beats=())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=120)
    signed = json.dumps({"name": "bench", "password": PASSWORD})
    connection.request("POST", "/api/v1/session", signed, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    cookie = str(answer.headers["Set-Cookie"]).split(";")[0]

    def ask(report: str, query: dict[str, str]) -> float:
        began = perf_counter()
        connection.request("GET", f"/api/v1/reports/{report}?{urlencode(query)}", headers={"Cookie": cookie})
        found = connection.getresponse()
        body = found.read()
        took = 1000 * (perf_counter() - began)
        if found.status not in (200, 422):
            raise RuntimeError(f"{report} {query}: {found.status} {body[:300]!r}")
        return took

    try:
        yield ask
    finally:
        connection.close()
        server.shutdown()


def _quarter(rng: random.Random, n: int) -> dict[str, str]:
    """91 days somewhere in three years, the last one first, half of them whole months, with one filter or none."""
    begin = END - timedelta(days=90 if n == 0 else rng.randrange(90, DAYS))
    if n % 2:
        begin = begin.replace(day=1)
    query = {"from": begin.isoformat(), "to": (begin + timedelta(days=91)).isoformat()}
    return query | _FILTERS[n % len(_FILTERS)]


def _whole(n: int) -> dict[str, str]:
    return {"from": "2023-11-01", "to": "2026-11-23"} | _FILTERS[n]


_FILTERS: tuple[dict[str, str], ...] = (
    {}, {"line": "housing"}, {"made_at": "die-casting"}, {"part": "P-0"}, {"defect": "porosity"}, {"shift": "night"},
    {"severity": "major"}, {"confirmed": "true"}, {"process": "machining"}, {"by": "part"}, {"measure": "cost"},
)  # fmt: skip


def _day(chain: Chain, day: int, rng: random.Random, n: int, cells: dict[int, Cell]) -> Iterator[Row]:
    days, plan = days_of(chain), _plan(chain)
    begin, end = days.bounds(day) + 6 * 3_600_000, to_ms(NOW)
    weights = [1 / (1 + i) for i in range(len(plan))]
    parts = [1 / (1 + i) for i in range(PARTS)]
    for i, (defect, found, line, passed, severity, stages) in enumerate(rng.choices(plan, weights, k=n)):
        at = begin + rng.randrange(86_400_000)
        said = {
            "id": f"{day:08x}-{i:027x}", "kind": "stop" if rng.random() < 0.04 else "reject", "drill": False,
            "made_at": defect.origin, "supplier": defect.origin, "state": "open", "occurred_at": _text(at),
            "line": line, "customer": found, "defect": defect.code, "severity": severity, "attribution": "suspected",
            "stages": stages, "passed_by": passed, "part": f"P-{rng.choices(range(PARTS), parts)[0]}",
            "qty": rng.randint(1, 5), "presses": 1, "stop": None, "acknowledged_at": None, "arrived_at": None,
            "contained_at": None, "answered_at": None, "closed_at": None, "rating": None, "disposition": [],
        }  # fmt: skip
        _progress(said, at, end, rng)
        fact = complaint_fact("lakeside", said, chain, days)
        if fact is not None:
            row, cells[row["cell"]] = fact[0], fact[1]
            yield _told(row, end, rng)


def _progress(said: dict[str, Any], at: int, end: int, rng: random.Random) -> None:
    steps = [at + int(1000 * rng.lognormvariate(mu, 0.8)) for mu in (4.0, 5.5, 7.5, 10.5, 11.0)]
    steps.sort()
    for name, instant in zip(("acknowledged_at", "arrived_at", "contained_at", "answered_at"), steps, strict=False):
        if instant < end and rng.random() < 0.995:
            said[name], said["state"] = _text(instant), "answered"
        else:
            return
    said["attribution"] = "accepted"
    if steps[4] < end:
        said |= {"state": "closed", "closed_at": _text(steps[4]), "rating": rng.randint(2, 5)}
    if rng.random() < 0.3:
        said["disposition"] = [{"decision": "scrap", "qty": 2, "hours": None}]
    if said["kind"] == "stop":
        said["stop"] = {"state": "released", "from": said["occurred_at"], "until": _text(at + 400_000)}


def _told(row: Row, end: int, rng: random.Random) -> Row:
    """What a fact is told by others, as it would be if stops never overlapped."""
    if row["stop_from"] is not None:
        row["stop_ms"] = row["stop_until"] - row["stop_from"]
    if row["closed_at"] is not None and row["closed_at"] < end - 32 * 86_400_000:
        row["ripe"], row["recurred"] = 1, int(rng.random() < 0.4)
    return row


def _plan(chain: Chain) -> list[Any]:
    """Every way of every defect: where it is made, found, past whom."""
    found = []
    for defect in chain.defects.values():
        for process in chain.processes:
            stages = chain.stages(defect.origin, process)
            if stages and (chain.inspects(process, defect.code) or stages == 1):
                passed = [{"process": p} for p in chain.passed_by(defect.origin, process)]
                line = chain.processes[process].line or "assembly"
                found.append((defect, process, line, passed, str(defect.severity), stages))
    return found


def _counted(chain: Chain, day: int, rng: random.Random) -> Iterator[Row]:
    for process in chain.processes:
        for shift in ("early", "late", "night"):
            units = 1000 * rng.randint(3000, 4000)
            yield {"site": "lakeside", "day": day, "process": process, "shift": shift, "units": units}


def _store(session: Any, table: Any, known: dict[Any, Sums]) -> None:
    bulk.insert(session, table, [sums.stored("lakeside", table, key, one) for key, one in known.items()])


def _intake(file: Path, folds: Any) -> tuple[Database, list[presses.Station], random.Random]:
    db = Database(f"sqlite:///{file}", folds)
    upgrade(db)
    with db.write() as session:
        chains.import_chain(session, example.text(), "bench", utc_now())
    return db, presses.stations(example.chain(), 20), random.Random(11)


def _database(url: str) -> Database:
    db = Database(url, FOLDS)
    upgrade(db)
    with db.write() as session:
        chains.import_chain(session, example.text(), "bench", NOW - timedelta(days=DAYS + 10))
    return db


def _analyse(db: Database) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if db.sqlite else "VACUUM ANALYZE")


def _text(ms: int) -> str:
    return format_instant(datetime.fromtimestamp(ms / 1000, UTC))
