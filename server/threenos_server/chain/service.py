"""The chain in the database: the version that counts, the ones before it, import and export."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from threenos_server.chain import document, write
from threenos_server.chain.document import Checked, Source
from threenos_server.chain.finding import Code, Finding
from threenos_server.chain.fold import KIND
from threenos_server.chain.model import Chain
from threenos_server.chain.tables import ChainVersion, StationPlace
from threenos_server.chain.xlsx import from_xlsx, to_xlsx
from threenos_server.errors import Conflict, Invalid, NotFound
from threenos_server.journal import service as journal
from threenos_server.journal.model import Entry

SourceKind = Literal["yaml", "json", "xlsx"]
_KEPT = 32
_chains: dict[tuple[str, int, str], Chain] = {}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a site's chain: when it began to count, and the pseudonym of who made it."""

    version: int
    at: datetime
    author: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a station stands."""

    station: str
    site: str
    line: str
    process: str


#: Built once: the intake asks it for every batch.
_VERSIONS = sa.select(ChainVersion.version, ChainVersion.digest).where(ChainVersion.site == sa.bindparam("site"))
_NEWEST = _VERSIONS.order_by(ChainVersion.version.desc()).limit(1)


def current(session: Session, site: str) -> Chain:
    """The chain that counts at a site; NotFound when it has none. Kept between calls as long as it is the same."""
    return _load(session, site, _NEWEST)


def at_version(session: Session, site: str, version: int) -> Chain:
    """The chain of one version; NotFound when there is none."""
    return _load(session, site, _VERSIONS.where(ChainVersion.version == version))


def current_version(session: Session, site: str) -> int:
    """The number of the version that counts; 0 before the first."""
    newest = sa.select(sa.func.max(ChainVersion.version)).where(ChainVersion.site == site)
    return session.scalar(newest) or 0


def versions(session: Session, site: str) -> list[Version]:
    """Every version, the newest first."""
    columns = sa.select(ChainVersion.version, ChainVersion.at, ChainVersion.author)
    rows = session.execute(columns.where(ChainVersion.site == site).order_by(ChainVersion.version.desc()))
    return [Version(*row) for row in rows]


def station(session: Session, station_id: str) -> Place | None:
    """Where a station stands, in whichever site; None for an unknown one."""
    rows = _places(session, StationPlace.id == station_id)
    return rows[0] if rows else None


def stations(session: Session) -> list[Place]:
    """Every station of the installation."""
    return _places(session, sa.true())


def source_of(content: str | bytes, kind: SourceKind = "yaml") -> Source:
    """A document's text or bytes, ready to be checked. Raises Invalid when it is not of that kind at all."""
    readers: dict[SourceKind, Callable[[str | bytes], Source]] = {
        "yaml": lambda c: document.from_yaml(_text(c)),
        "json": lambda c: document.from_data(_json(c)),
        "xlsx": lambda c: from_xlsx(c if isinstance(c, bytes) else c.encode()),
    }
    return readers[kind](content)


def check(session: Session, source: Source) -> Checked:
    """Everything that a document's own check finds, and stations whose ids another site has already."""
    checked = document.check(source)
    if checked.chain is None:
        return checked
    chain = checked.chain
    taken = {
        place.station: place.site
        for place in _places(session, StationPlace.id.in_(list(chain.stations)), StationPlace.site != chain.site.id)
    }
    found = [
        Finding(
            ("stations", i, "id"),
            f"station `{x}` is there already, at site `{taken[x]}`; ids are unique over all sites",
            Code.STATION_TAKEN,
            (x, taken[x]),
        )
        for i, x in enumerate(chain.stations)
        if x in taken
    ]
    errors = document.placed(source, found)
    return replace(checked, errors=errors, chain=None if errors else chain)


def import_chain(
    session: Session,
    content: str | bytes,
    author: str | None,
    now: datetime,
    *,
    source: SourceKind = "yaml",
    expected: int | None = None,
) -> Chain:
    """Make a document the chain that counts at the site it names, which begins when it is new; the chain.

    The same content again makes no new version. `expected` is the version that the author saw: Conflict when another
    counts by now. Raises Invalid with every error, each with its place; then nothing is changed.
    """
    return save(session, source_of(content, source), author, now, expected=expected)


def save(session: Session, source: Source, author: str | None, now: datetime, *, expected: int | None = None) -> Chain:
    """As `import_chain`, of a document that is read already."""
    sites = _lock_all(session)
    chain = check(session, source).sound()
    site, version = chain.site.id, current_version(session, chain.site.id)
    if expected is not None and expected != version:
        raise Conflict(f"version {version} of the chain counts by now, not {expected}", {"version": version})
    if version and at_version(session, site, version) == chain:
        return at_version(session, site, version)
    if site not in sites:
        journal.add_site(session, site)
    text = msgspec.json.encode(write.document(chain)).decode()
    body = {"chain": text, "then": {"chain": {"version": version + 1}}}
    journal.append(session, site, [Entry(KIND, body, now, actor=author)], now)
    return replace(chain, version=version + 1)


def edit(
    session: Session,
    site: str,
    change: Callable[[write.Plain], write.Plain],
    author: str | None,
    now: datetime,
    *,
    expected: int | None = None,
) -> Chain:
    """Save what `change` makes of the document that counts at the site."""
    _lock_all(session)
    changed = change(write.document(current(session, site)))
    return save(session, document.from_data(changed), author, now, expected=expected)


def export_yaml(session: Session, site: str, version: int | None = None) -> str:
    """The chain that counts, or one of its versions, as YAML."""
    return document.to_yaml(_version(session, site, version))


def export_xlsx(session: Session, site: str, version: int | None = None) -> bytes:
    """The same as a workbook."""
    return to_xlsx(_version(session, site, version))


def _lock_all(session: Session) -> list[str]:
    """Every site's lock, in one order: station ids are unique over all of them, so one import looks at a time."""
    sites = journal.sites(session)
    for site in sites:
        journal.lock(session, site)
    return sites


def _version(session: Session, site: str, version: int | None) -> Chain:
    return current(session, site) if version is None else at_version(session, site, version)


def _load(session: Session, site: str, query: sa.Select[*tuple[Any, ...]]) -> Chain:
    found = session.connection().execute(query, {"site": site}).one_or_none()
    if found is None:
        raise NotFound(f"site {site!r} has no such chain; import one with `threenos chain import FILE`")
    # The digest is part of the key, so that two databases in one process never share a chain by its number.
    key = (site, found.version, found.digest)
    if key not in _chains:
        one = sa.select(ChainVersion.document).where(ChainVersion.site == site, ChainVersion.version == found.version)
        text: str = session.scalars(one).one()
        if len(_chains) >= _KEPT:
            _chains.clear()
        _chains[key] = document.stored(msgspec.json.decode(text), found.version)
    return _chains[key]


def _places(session: Session, *where: sa.ColumnElement[bool]) -> list[Place]:
    columns = sa.select(StationPlace.id, StationPlace.site, StationPlace.line, StationPlace.process)
    rows = session.execute(columns.where(*where).order_by(StationPlace.site, StationPlace.id))
    return [Place(*row) for row in rows]


def _text(content: str | bytes) -> str:
    try:
        return content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise Invalid(f"this is not UTF-8 text: byte {e.start}") from e


def _json(content: str | bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as e:
        raise Invalid(f"this is not JSON: {e}") from e
