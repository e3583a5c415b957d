"""The tables of the chain: every version of it, and where each station stands now."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from threenos_server.db import Base


class ChainVersion(Base):
    """One version of a site's chain. `document` is its JSON, `digest` the SHA-256 of that, `author` a pseudonym."""

    __tablename__ = "chain_version"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    author: Mapped[str | None] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[str] = mapped_column(sa.Text)


class StationPlace(Base):
    """Where a station stands, by the latest version of its site's chain.

    An import keeps ids unique in the installation; the key has the site in it because a rebuild folds site after site,
    and a station that once moved between them would be seen in both for a while.
    """

    __tablename__ = "station_place"

    site: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True, index=True)
    line: Mapped[str] = mapped_column(sa.String(32))
    process: Mapped[str] = mapped_column(sa.String(32))
