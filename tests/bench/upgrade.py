"""A release while people press: how long the intake is away, and that nothing is lost, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
from figures import Figure
from plant import postgres_cluster
from upgrading import Outcome, upgraded_under_load


def run(directory: Path) -> Iterator[Figure]:
    """The longest time in which nothing was recorded, while the tables and then the processes were replaced."""
    yield from _figures("SQLite", upgraded_under_load(directory / "sqlite"))
    with postgres_cluster() as url:
        with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE plant")
        yield from _figures("PostgreSQL", upgraded_under_load(directory / "postgresql", url.format("plant")))


def _figures(database: str, found: Outcome) -> Iterator[Figure]:
    if found.broken:
        raise RuntimeError("; ".join(found.broken))
    yield Figure(f"upgrade on {database}: intake paused", "ours", found.pause_s, "s")
    yield Figure(f"upgrade on {database}: longest press→ack", "ours", found.ack_s, "s")
    yield Figure(f"upgrade on {database}: presses", "ours", found.pressed, "events")
    yield Figure(f"upgrade on {database}: presses lost or doubled", "ours", found.lost + found.doubled, "events")
