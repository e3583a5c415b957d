"""What an 8D's file shows: the 8D and its actions as their reader may see them, and the complaints that it is about."""

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from threenos_server.access import Actor
from threenos_server.chain.model import Chain
from threenos_server.chain.service import current
from threenos_server.complaints import load
from threenos_server.complaints.model import Complaint
from threenos_server.reports import actions_service as service
from threenos_server.reports.actions import Action
from threenos_server.reports.document import Row, Table, Text
from threenos_server.reports.eight_d import EightD, missing
from threenos_server.reports.labels import SEVERITIES, named
from threenos_server.reports.service_context import UNITS, column
from threenos_wire.instants import format_instant

_COLUMNS = [
    column("at", "Occurred", "发生时间", "instant"),
    column("found_at", "Found at", "发现工序", "name"),
    column("made_at", "Made at", "产生工序", "name"),
    column("defect", "Defect", "缺陷", "name"),
    column("severity", "Severity", "严重度", "name"),
    column("part", "Part", "零件", "text"),
    column("lot", "Lot", "批次", "text"),
    column("qty", "Quantity", "数量", "number", UNITS),
    column("id", "Complaint", "投诉", "id"),
]


class Report(msgspec.Struct, frozen=True):
    """What is drawn: the 8D and its actions as their reader may see them, and a table of its complaints."""

    eight_d: EightD
    actions: list[Action]
    missing: list[str]
    complaints: Table
    site: Text
    timezone: str
    made_at: str


def report(session: Session, site: str, named_: str, reader: Actor, now: datetime) -> Report:
    """The 8D as its reader may see it. Raises NotFound."""
    found = service.one_eight_d(session, site, named_)
    actions = service.listed_actions(session, site, eight_d=found.id)
    chain = current(session, site)
    about = [c for _, c in load.stored(session, site, found.complaints).values()]
    left = missing(found, actions) if found.state == "open" else []
    return Report(
        service.shown(reader, site, found), [service.shown(reader, site, a) for a in actions],
        left, _complaints(chain, about),
        Text(chain.site.name.en, chain.site.name.zh), chain.site.timezone, format_instant(now),
    )  # fmt: skip


def _complaints(chain: Chain, about: list[Complaint]) -> Table:
    rows = []
    for c in sorted(about, key=lambda c: c.occurred_at):
        severity = SEVERITIES[c.severity]
        rows.append(Row([
            c.occurred_at, named(chain, "found_at", c.customer), c.made_at and named(chain, "made_at", c.made_at),
            c.defect and named(chain, "defect", c.defect), {"id": c.severity, "en": severity.en, "zh": severity.zh},
            c.part, c.lot, c.qty, c.id,
        ]))  # fmt: skip
    return Table("complaints", Text("Complaints", "投诉"), _COLUMNS, rows)
