"""A site's journal and figures as Parquet files, for engines that read years of many plants.

Written month by month and streamed, so that memory does not grow with the years. Nothing of it tells who did it.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server import bulk
from threenos_server.db import from_ms
from threenos_server.errors import NotInstalled, from_release
from threenos_server.journal import service as journal
from threenos_server.reports.rollup import CLOCKS, FOREVER
from threenos_server.reports.tables import CellRow, Fact, Output

DATASETS = ("journal", "facts", "output")
#: Keys of a body that say who it was, in whatever depth.
PERSONAL = frozenset({
    "operator", "owner", "by", "done_by", "verified_by", "closed_by", "concession_by", "pseudonym", "author", "d1",
})  # fmt: skip
_BATCH = 20_000
_FILE = "part.parquet"
Record = dict[str, Any]


def export(session: Session, site: str, directory: Path) -> dict[str, int]:
    """Write the data sets of a site, replacing what was written of it before; how many rows each has.

    Raises NotInstalled without pyarrow, NotFound for an unknown site, OSError.
    """
    arrow = _pyarrow()
    journal.head(session, site)
    schemas = _schemas(arrow)
    rows = {"journal": _journal(session, site), "facts": _facts(session, site), "output": _output(session, site)}
    return {name: _write(arrow, directory / name / f"site={site}", schemas[name], rows[name]) for name in DATASETS}


def _pyarrow() -> ModuleType:
    try:
        import pyarrow  # type: ignore[import-untyped]  # it carries no types, and only who exports pays for it
        import pyarrow.parquet  # type: ignore[import-untyped]  # it carries no types
    except ImportError as e:
        raise NotInstalled(
            f"Parquet needs the Python package pyarrow: {from_release('requirements-parquet.lock')}"
        ) from e
    found: ModuleType = pyarrow
    return found


def _schemas(arrow: Any) -> Mapping[str, Any]:
    text, whole, number, flag = arrow.string(), arrow.int64(), arrow.float64(), arrow.bool_()
    instant, day = arrow.timestamp("ms", tz="UTC"), arrow.date32()
    clocks = {f"{name}_s": number for name in CLOCKS}
    columns = {
        "journal": {
            "seq": whole, "at": instant, "occurred_at": instant, "kind": text, "line": text, "station": text,
            "complaint": text, "event_id": text, "body": text, "hash": text,
        },
        "facts": {
            "id": text, "kind": text, "day": day, "at": instant, "shift": text, "line": text, "made_at": text,
            "found_at": text, "passed": arrow.list_(text), "stages": whole, "confirmed": flag, "defect": text,
            "severity": text, "part": text, "units": number, **clocks, "closed_at": instant, "rating": whole,
            "stop_s": number, "scrap": number, "rework_s": number, "sorting_s": number,
        },
        "output": {"day": day, "shift": text, "process": text, "units": number},
    }  # fmt: skip
    return {name: arrow.schema(list(fields.items())) for name, fields in columns.items()}


def _write(arrow: Any, directory: Path, schema: Any, records: Iterable[tuple[str, Record]]) -> int:
    """Write records, each into the file of its month; how many there were."""
    if directory.exists():
        shutil.rmtree(directory)
    writers: dict[str, Any] = {}
    waiting: dict[str, list[Record]] = {}
    count = 0

    def flush(month: str) -> None:
        if month not in writers:
            path = directory / f"month={month}"
            path.mkdir(parents=True)
            writers[month] = arrow.parquet.ParquetWriter(path / _FILE, schema, compression="zstd")
        writers[month].write_table(arrow.Table.from_pylist(waiting.pop(month), schema))

    try:
        for month, record in records:
            count += 1
            waiting.setdefault(month, []).append(record)
            if len(waiting[month]) >= _BATCH:
                flush(month)
        for month in list(waiting):
            flush(month)
    finally:
        for writer in writers.values():
            writer.close()
    return count


def _journal(session: Session, site: str) -> Iterator[tuple[str, Record]]:
    for row in journal.every(session, site):
        yield f"{row.at:%Y-%m}", {
            "seq": row.seq, "at": row.at, "occurred_at": row.occurred_at, "kind": row.kind, "line": row.line,
            "station": row.station, "complaint": row.complaint, "event_id": row.event_id,
            "body": json.dumps(nameless(row.body), ensure_ascii=False), "hash": row.hash,
        }  # fmt: skip


def nameless(value: Any) -> Any:
    """A body without what says who it was."""
    if isinstance(value, dict):
        return {key: nameless(inner) for key, inner in value.items() if key not in PERSONAL}
    return [nameless(inner) for inner in value] if isinstance(value, list) else value


def _facts(session: Session, site: str) -> Iterator[tuple[str, Record]]:
    fact, cell = bulk.raw(Fact), bulk.raw(CellRow)
    here = sa.and_(cell.c.site == fact.c.site, cell.c.id == fact.c.cell)
    of_cell = ("kind", "shift", "line", "made_at", "found_at", "passed", "stages", "confirmed", "defect", "severity")
    query = sa.select(fact, *(cell.c[name] for name in of_cell)).join(cell, here).where(fact.c.site == site)
    ordered = query.order_by(fact.c.day, fact.c.complaint).execution_options(yield_per=2000)
    with session.execute(ordered) as streamed:
        for row in streamed.mappings():
            day = date.fromordinal(row["day"])
            yield f"{day:%Y-%m}", _fact(row, day)


def _fact(row: Any, day: date) -> Record:
    same = {n: row[n] for n in ("kind", "shift", "line", "made_at", "found_at", "stages", "defect", "severity")}
    clocks = {f"{name}_s": None if row[name] is None else row[name] / 1000 for name in CLOCKS}
    closed = row["closed_at"]
    return same | clocks | {
        "id": row["complaint"], "day": day, "at": from_ms(row["at"]), "passed": row["passed"].split(),
        "confirmed": bool(row["confirmed"]), "part": row["part"] or None, "units": row["units"] / 1000,
        "closed_at": None if closed is None else from_ms(closed),
        "rating": row["rating"] if row["rated"] else None,
        # A line that still stands has no length yet.
        "stop_s": None if row["stop_from"] is None or row["stop_until"] == FOREVER else row["stop_ms"] / 1000,
        "scrap": row["scrap"] / 1000, "rework_s": float(row["rework_s"]), "sorting_s": float(row["sorting_s"]),
    }  # fmt: skip


def _output(session: Session, site: str) -> Iterator[tuple[str, Record]]:
    table = bulk.raw(Output)
    query = sa.select(table).where(table.c.site == site).order_by(table.c.day, table.c.process, table.c.shift)
    with session.execute(query.execution_options(yield_per=2000)) as streamed:
        for row in streamed.mappings():
            day = date.fromordinal(row["day"])
            units = row["units"] / 1000
            yield f"{day:%Y-%m}", {"day": day, "shift": row["shift"], "process": row["process"], "units": units}
