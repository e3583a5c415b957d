"""A PostgreSQL server whose machine is gone without a word."""

from typing import Any

from threenos_server.db import Database


def test_its_silence_is_noticed_within_seconds(postgres_db: Database) -> None:
    """The kernel alone would let an intake wait for two hours; `make faults ONLY=database.vanished` takes the cable."""
    with postgres_db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        told = {name: int(value) for name, value in raw.info.get_parameters().items() if value.isdigit()}
    asked = told["keepalives_idle"] + told["keepalives_interval"] * told["keepalives_count"]
    assert asked <= 15 and told["tcp_user_timeout"] <= 15_000 and told["connect_timeout"] <= 10
