"""The chain over HTTP: the whole as one document, and parts of it as views that save a new version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from threenos_server.access import EVERYBODY, Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.chain import service, write
from threenos_server.chain.document import Checked, Source, from_data, from_yaml, to_yaml
from threenos_server.chain.document import check as check_document
from threenos_server.chain.model import Chain
from threenos_server.chain.xlsx import from_xlsx, to_xlsx
from threenos_server.errors import Fault, Forbidden, Invalid

ROUTES = Routes("chain")
WRITERS = frozenset({Role.ADMIN, Role.QUALITY_ENGINEER})
RATE_SETTERS = frozenset({Role.ADMIN})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a wall shows needs neither costs nor limits.
_NOT_ON_A_BOARD = ("standards", "rates")

Entries = dict[str, dict[str, Any] | None]


class OfVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`version` picks an older one; without it, the one that counts."""

    version: int | None = None


class ChainDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document, section by section; or instead of all of them its YAML text, or a workbook in base64.

    What the sections hold is described in `chain/README.md`; their faults are told with JSON pointers.
    """

    site: Any | UnsetType = UNSET
    calendar: Any | UnsetType = UNSET
    lines: Any | UnsetType = UNSET
    processes: Any | UnsetType = UNSET
    stations: Any | UnsetType = UNSET
    links: Any | UnsetType = UNSET
    defects: Any | UnsetType = UNSET
    standards: Any | UnsetType = UNSET
    rates: Any | UnsetType = UNSET
    yaml: str | UnsetType = UNSET
    xlsx: bytes | UnsetType = UNSET


class Problem(msgspec.Struct, frozen=True):
    """`where` is a JSON pointer, a line, or a sheet and row, as the document was given.

    `code` says what it is (`chain/finding.py` has them all) and `about` what it is about, for other languages.
    """

    where: str
    detail: str
    code: str
    about: list[str]


class Findings(msgspec.Struct, frozen=True):
    """Without errors the document can be saved."""

    errors: list[Problem]
    warnings: list[Problem]


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As what the document is wanted: its sections, a YAML file, or a workbook."""

    to: Literal["json", "yaml", "xlsx"] = "json"


class Saved(msgspec.Struct, frozen=True):
    """The version that counts now, and what its owner should know about it."""

    site: str
    version: int
    warnings: list[Problem]


class ChainVersion(msgspec.Struct, frozen=True):
    version: int
    at: datetime
    author: str | None


class StandardOfLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link by its ends and relation, and the standard that is to hold on it; null for none."""

    supplier: str
    customer: str
    standard: str | None
    relation: str = "process"


class StandardsPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Standards by their ids, each whole, null to remove it; and `links` whose standard changes."""

    standards: Entries = {}
    links: list[StandardOfLink] = []


class DefectsPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Defect codes by their codes, each whole; null removes one."""

    defects: Entries


class CalendarPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All shifts, or all holidays, or both."""

    shifts: list[dict[str, Any]] | UnsetType = UNSET
    holidays: list[str] | UnsetType = UNSET


class RatesPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rates by the date from which they count, each whole; null removes one."""

    rates: Entries


@ROUTES.route(
    "GET", "/chain", summary="The chain as one document", allow=EVERYBODY, board=True, query=OfVersion, answer=dict
)
def show(call: Call) -> Answer:
    if call.actor.board_line is not None:
        raise Forbidden("this board token is for one line; the board's snapshot has all that it shows")
    chain = _chain(call)
    document = write.document(chain)
    if call.actor.board_token:
        document = {key: value for key, value in document.items() if key not in _NOT_ON_A_BOARD}
    return Answer(document, version=chain.version)


@ROUTES.route(
    "GET", "/chain/versions", summary="Every version, newest first", allow=EVERYBODY, answer=list[ChainVersion]
)
def versions(call: Call) -> list[ChainVersion]:
    with call.db.read() as session:
        return [ChainVersion(v.version, v.at, v.author) for v in service.versions(session, call.site)]


@ROUTES.route("GET", "/chain.yaml", summary="The chain as a YAML file", allow=EVERYBODY, query=OfVersion)
def as_yaml(call: Call) -> Answer:
    with call.db.read() as session:
        text = service.export_yaml(session, call.site, call.query.version)
    return _file(text.encode(), "application/yaml", f"{call.site}.yaml")


@ROUTES.route("GET", "/chain.xlsx", summary="The chain as a workbook", allow=EVERYBODY, query=OfVersion)
def as_xlsx(call: Call) -> Answer:
    with call.db.read() as session:
        content = service.export_xlsx(session, call.site, call.query.version)
    return _file(content, XLSX, f"{call.site}.xlsx")


@ROUTES.route(
    "POST",
    "/chain/check",
    summary="What is wrong or doubtful in a document; saves nothing",
    allow=EVERYBODY,
    body=ChainDocument,
    answer=Findings,
    needs_site=False,
)
def check(call: Call) -> Findings:
    try:
        source = _source(call.body)
    except Invalid as e:
        return Findings(_problems(e.faults or (Fault("", e.detail),)), [])
    with call.db.read() as session:
        found = service.check(session, source)
    return Findings(_problems(found.errors), _problems(found.warnings))


@ROUTES.route(
    "POST",
    "/chain/convert",
    summary="A document in another form, as an export would write it; saves nothing",
    allow=EVERYBODY,
    query=Form,
    body=ChainDocument,
    needs_site=False,
)
def convert(call: Call) -> Answer:
    source = _source(call.body)
    with call.db.read() as session:
        chain = service.check(session, source).sound()
    if call.query.to == "json":
        return Answer(write.document(chain))
    if call.query.to == "yaml":
        return _file(to_yaml(chain).encode(), "application/yaml", f"{chain.site.id}.yaml")
    return _file(to_xlsx(chain), XLSX, f"{chain.site.id}.xlsx")


@ROUTES.route(
    "PUT",
    "/chain",
    summary="Save a document as the chain that counts at the site it names",
    allow=WRITERS,
    body=ChainDocument,
    answer=Saved,
    needs_site=False,
)
def put(call: Call) -> Answer:
    source = _source(call.body)
    site = source.data.get("site") if isinstance(source.data, dict) else None
    named = site.get("id") if isinstance(site, dict) else None
    _may_write(call, str(named), WRITERS)
    with call.db.write() as session:
        chain = service.save(session, source, call.actor.pseudonym, call.now, expected=call.version)
    return _saved(check_document(source), chain)


@ROUTES.route("GET", "/standards", summary="Service standards, and the links they are for", allow=EVERYBODY)
def standards(call: Call) -> Answer:
    return _view(call, "standards", "links")


@ROUTES.route(
    "PATCH", "/standards", summary="Change service standards", allow=WRITERS, body=StandardsPatch, answer=Saved
)
def patch_standards(call: Call) -> Answer:
    return _edit(call, WRITERS, lambda document: _with_standards(document, call.body))


@ROUTES.route("GET", "/defects", summary="Defect codes", allow=EVERYBODY, board=True)
def defects(call: Call) -> Answer:
    return _view(call, "defects")


@ROUTES.route("PATCH", "/defects", summary="Change defect codes", allow=WRITERS, body=DefectsPatch, answer=Saved)
def patch_defects(call: Call) -> Answer:
    return _edit(call, WRITERS, lambda document: _merged(document, "defects", "code", call.body.defects))


@ROUTES.route("GET", "/calendar", summary="Shifts and holidays", allow=EVERYBODY, board=True)
def calendar(call: Call) -> Answer:
    return _view(call, "calendar")


@ROUTES.route(
    "PATCH", "/calendar", summary="Change shifts or holidays", allow=WRITERS, body=CalendarPatch, answer=Saved
)
def patch_calendar(call: Call) -> Answer:
    given: dict[str, Any] = msgspec.to_builtins(call.body)
    return _edit(call, WRITERS, lambda document: document | {"calendar": document.get("calendar", {}) | given})


@ROUTES.route("GET", "/rates", summary="Cost rates", allow=EVERYBODY)
def rates(call: Call) -> Answer:
    return _view(call, "rates")


@ROUTES.route("PATCH", "/rates", summary="Change cost rates", allow=RATE_SETTERS, body=RatesPatch, answer=Saved)
def patch_rates(call: Call) -> Answer:
    return _edit(call, RATE_SETTERS, lambda document: _merged(document, "rates", "from", call.body.rates))


def _chain(call: Call) -> Chain:
    with call.db.read() as session:
        if call.query.version is None:
            return service.current(session, call.site)
        return service.at_version(session, call.site, call.query.version)


def _view(call: Call, *sections: str) -> Answer:
    with call.db.read() as session:
        chain = service.current(session, call.site)
    document = write.document(chain)
    return Answer({section: document.get(section, []) for section in sections}, version=chain.version)


def _edit(call: Call, roles: frozenset[Role], change: Callable[[write.Plain], write.Plain]) -> Answer:
    _may_write(call, call.site, roles)
    with call.db.write() as session:
        chain = service.edit(session, call.site, change, call.actor.pseudonym, call.now, expected=call.version)
    return _saved(check_document(from_data(write.document(chain))), chain)


def _merged(document: write.Plain, section: str, key: str, changes: Entries) -> write.Plain:
    """Each entry that is named is replaced where it stands, or removed; new ones follow."""
    entries = {str(entry[key]): entry for entry in document.get(section, ())}
    for name, change in changes.items():
        if change is None:
            entries.pop(name, None)
        else:
            entries[name] = change | {key: name}
    return document | {section: list(entries.values())}


def _with_standards(document: write.Plain, patch: StandardsPatch) -> write.Plain:
    changed = _merged(document, "standards", "id", patch.standards)
    links = {(x["supplier"], x["customer"], x["relation"]): x for x in document.get("links", ())}
    for i, link in enumerate(patch.links):
        ends = (link.supplier, link.customer, link.relation)
        if ends not in links:
            raise Invalid("there is no such link", Fault(f"/links/{i}", " → ".join(ends)))
        links[ends] = links[ends] | {"standard": link.standard}
    return changed | {"links": list(links.values())}


def _source(body: ChainDocument) -> Source:
    sections: dict[str, Any] = msgspec.to_builtins(body, builtin_types=(bytes,))
    text, workbook = sections.pop("yaml", None), sections.pop("xlsx", None)
    if (text is not None) + (workbook is not None) + bool(sections) != 1:
        raise Invalid("give the sections of the document, or `yaml`, or `xlsx`", Fault("", "one of the three"))
    if text is not None:
        return from_yaml(text)
    return from_xlsx(workbook) if workbook is not None else from_data(sections)


def _may_write(call: Call, site: str, roles: frozenset[Role]) -> None:
    """The chain is of the whole site, so a role for one line or process only does not change it."""
    if not call.actor.may_whole(roles, site):
        raise Forbidden(f"changing the chain of site {site!r} needs the role for the whole site")


def _saved(checked: Checked, chain: Chain) -> Answer:
    return Answer(Saved(chain.site.id, chain.version, _problems(checked.warnings)), version=chain.version)


def _problems(faults: tuple[Fault, ...]) -> list[Problem]:
    return [Problem(fault.where, fault.detail, fault.code, list(fault.about)) for fault in faults]


def _file(content: bytes, media_type: str, name: str) -> Answer:
    return Answer(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
