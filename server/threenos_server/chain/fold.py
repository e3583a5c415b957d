"""The fold of `chain` rows: each is a version of the whole document, and says where the stations stand from then on."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.chain.tables import ChainVersion, StationPlace
from threenos_server.journal.folding import Fold
from threenos_server.journal.model import Row

KIND = "chain"


def digest(document: str) -> str:
    """What tells two documents apart."""
    return hashlib.sha256(document.encode()).hexdigest()


def apply(session: Session, rows: Sequence[Row]) -> None:
    """Write a version for each `chain` row; the stations are those of the last."""
    chains = [row for row in rows if row.kind == KIND]
    for row in chains:
        text = row.body["chain"]
        session.execute(
            sa.insert(ChainVersion).values(
                site=row.site,
                version=row.body["then"]["chain"]["version"],
                at=row.at,
                author=row.actor,
                digest=digest(text),
                document=text,
            )
        )
    if chains:
        _place_stations(session, chains[-1])


def _place_stations(session: Session, row: Row) -> None:
    document: dict[str, Any] = msgspec.json.decode(row.body["chain"])
    session.execute(sa.delete(StationPlace).where(StationPlace.site == row.site))
    places = [
        {"site": row.site, "id": x["id"], "line": x["line"], "process": x["process"]}
        for x in document.get("stations", ())
    ]
    if places:
        session.execute(sa.insert(StationPlace), places)


FOLD = Fold("chain", apply, (ChainVersion.__table__, StationPlace.__table__))  # type: ignore[arg-type]  # typed as FromClause
