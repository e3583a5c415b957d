"""Reports over HTTP. Everybody with a role at the site reads them: no person stands in any."""

import msgspec

from threenos_server.access import EVERYBODY
from threenos_server.api import Answer, Call, Routes, may_read
from threenos_server.reports import exports
from threenos_server.reports.document import Document, Text
from threenos_server.reports.filters import Asked, Listed
from threenos_server.reports.service import REPORTS, Page, behind, report

ROUTES = Routes("reports")


class Offered(msgspec.Struct, frozen=True):
    """A report, and what it may be asked by."""

    name: str
    title: Text
    definition: Text
    by: list[str]
    measures: list[str]
    steps: list[str]
    charts: list[str]


@ROUTES.route("GET", "/reports", summary="The reports that there are", allow=EVERYBODY, answer=list[Offered])
def offered(call: Call) -> list[Offered]:
    may_read(call.actor, call.site)
    return [
        Offered(name, r.title, r.definition, list(r.by), list(r.measures), list(r.steps), list(r.charts))
        for name, r in REPORTS.items()
    ]


@ROUTES.route(
    "GET", "/reports/complaints", summary="The complaints behind a figure, newest first", allow=EVERYBODY,
    query=Listed, answer=Page,
)  # fmt: skip
def complaints(call: Call) -> Page:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        return behind(session, call.site, call.query, call.now)


@ROUTES.route(
    "GET", "/reports/{name}", summary="One report as a document of tables and charts, or as a file", allow=EVERYBODY,
    query=Asked, answer=Document,
)  # fmt: skip
def one(call: Call) -> Document | Answer:
    may_read(call.actor, call.site)
    with call.db.read() as session:
        made = report(session, call.site, call.path["name"], call.query, call.now)
    return made if call.query.format == "json" else exports.answer(made, call.query.format, call.query.language)
