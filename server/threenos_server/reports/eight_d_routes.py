"""8D as files."""

from typing import Literal

import msgspec

from threenos_server.access import EVERYBODY
from threenos_server.api import Answer, Call, Routes, may_read
from threenos_server.reports.eight_d_file import report
from threenos_server.reports.exports import FORMS, attachment, eight_d_file
from threenos_server.reports.exports.words import Language

ROUTES = Routes("8d-files")


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As what, in which language."""

    format: Literal["pdf", "xlsx"] = "pdf"
    language: Language = "en"


@ROUTES.route("GET", "/eight-d/{id}/file", summary="An 8D as PDF or workbook", allow=EVERYBODY, query=Wanted,
              answer=bytes)  # fmt: skip
def file(call: Call) -> Answer:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        shown = report(session, call.site, call.path["id"], call.actor, call.now)
    form = FORMS[call.query.format]
    name = f"8d_{shown.eight_d.id}_{call.query.language}.{form.suffix}"
    return attachment(eight_d_file(shown, call.query.format, call.query.language), form.media_type, name)
