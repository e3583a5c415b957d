"""Review packs over HTTP: made by whoever runs the meeting, read by an auditor as well."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from threenos_server.api import Answer, Call, Routes
from threenos_server.errors import Fault, Forbidden, Invalid
from threenos_server.reports import packs
from threenos_server.reports.exports import FORMS, attachment, pack_file
from threenos_server.reports.exports.words import Language
from threenos_server.reports.packs import MAKERS, READERS, Made

ROUTES = Routes("packs")
Format = Literal["pdf", "xlsx"]


class NewPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line and an ISO week (`2026-W47`), as what, and in which languages."""

    line: Annotated[str, Meta(max_length=32)]
    week: Annotated[str, Meta(max_length=8)]
    formats: Annotated[list[Format], Meta(min_length=1, max_length=2)] = msgspec.field(
        default_factory=lambda: ["pdf", "xlsx"]
    )
    languages: Annotated[list[Language], Meta(min_length=1, max_length=2)] = msgspec.field(
        default_factory=lambda: ["en", "zh-CN"]
    )


class Packs(msgspec.Struct, frozen=True):
    """Newest first; `next` is the cursor of those that follow, null when there are none."""

    items: list[Made]
    next: str | None


class Sought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of which line and week; without them, all."""

    line: str | None = None
    week: str | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which file of a pack."""

    format: Format = "pdf"
    language: Language = "en"


@ROUTES.route("POST", "/packs", summary="Make the review pack of a line and week, once and for ever", allow=MAKERS,
              body=NewPack, answer=Made, status=201)  # fmt: skip
def make(call: Call) -> Made:
    asked: NewPack = call.body
    if len(set(asked.formats)) < len(asked.formats) or len(set(asked.languages)) < len(asked.languages):
        raise Invalid("each format and language once", Fault("/formats", "nothing twice"))
    with call.db.read() as session:
        shown = packs.contents(session, call.site, asked.line, asked.week, call.actor, call.now)
    files = [
        packs.Rendered(form, language, pack_file(shown, form, language))
        for form in asked.formats
        for language in asked.languages
    ]
    return packs.keep(call.db, call.site, shown, asked.line, files, call.actor, call.now)


@ROUTES.route("GET", "/packs", summary="The review packs that were made, newest first", allow=READERS, query=Sought,
              answer=Packs)  # fmt: skip
def listed(call: Call) -> Packs:
    asked: Sought = call.query
    _may_read(call, asked.line)
    with call.db.read() as session:
        found = packs.every(session, call.site, asked.line, asked.week, asked.cursor, asked.limit + 1)
    shown = found[: asked.limit]
    return Packs(shown, shown[-1].id if len(found) > asked.limit else None)


@ROUTES.route("GET", "/packs/{pack}", summary="A review pack and its files", allow=READERS, answer=Made)
def one(call: Call) -> Made:
    with call.db.read() as session:
        found = packs.one(session, call.site, call.path["pack"])
    _may_read(call, found.line)
    return found


@ROUTES.route("GET", "/packs/{pack}/file", summary="A file of a review pack, as it was made", allow=READERS,
              query=Wanted, answer=bytes)  # fmt: skip
def file(call: Call) -> Answer:
    made, asked = one(call), call.query
    with call.db.read() as session:
        filed, data = packs.file_of(session, call.site, made.id, asked.format, asked.language)
    form = FORMS[asked.format]
    name = f"pack_{made.line}_{made.week}_{asked.language}.{form.suffix}"
    return attachment(data, form.media_type, name, filed.sha256)


def _may_read(call: Call, line: str | None) -> None:
    """Raises Forbidden. Who is of one line asks for that line."""
    if not call.actor.may(READERS, site=call.site, line=line) or (line is None and not _whole_site(call)):
        raise Forbidden("none of your roles reads the packs of that line; name your line")


def _whole_site(call: Call) -> bool:
    return any(g.role in READERS and g.line is None and g.covers(call.site, None, ()) for g in call.actor.grants)
