"""A fold turns journal rows into tables. Every append applies every fold, in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.journal.model import Row


@dataclass(frozen=True, slots=True)
class Fold:
    """What one domain derives from the journal: how, and into which tables (all of them rebuilt from nothing).

    `apply` takes rows of one site in their order and must be deterministic: time is the row's, chance is none.
    """

    name: str
    apply: Callable[[Session, Sequence[Row]], None]
    tables: tuple[sa.Table, ...]


Folds = tuple[Fold, ...]
