"""The open actions of a line, as a table of its review pack. A wall shows no names: owners are seen at the desk."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from threenos_server.chain.model import Chain
from threenos_server.complaints import load
from threenos_server.complaints.model import Complaint
from threenos_server.reports import actions_service
from threenos_server.reports.actions import Action, ActionState, ActionType
from threenos_server.reports.document import Row, Table, Text
from threenos_server.reports.labels import named
from threenos_server.reports.service_context import column

OPEN = (ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DONE)
STATES = {
    ActionState.OPEN: Text("Open", "待开始"),
    ActionState.IN_PROGRESS: Text("In progress", "进行中"),
    ActionState.DONE: Text("Done, to be verified", "已完成，待验证"),
    ActionState.VERIFIED: Text("Verified", "已验证"),
    ActionState.DROPPED: Text("Dropped", "已取消"),
}
TYPES = {
    ActionType.CONTAINMENT: Text("Containment", "围堵"),
    ActionType.CORRECTIVE: Text("Corrective", "纠正"),
    ActionType.PREVENTIVE: Text("Preventive", "预防"),
}
_COLUMNS = [
    column("due_on", "Due", "到期日", "date"),
    column("overdue", "Overdue", "逾期", "flag"),
    column("what", "Action", "措施", "text"),
    column("type", "Type", "类型", "name"),
    column("state", "State", "状态", "name"),
    column("made_at", "Made at", "产生工序", "name"),
    column("defect", "Defect", "缺陷", "name"),
]


def open_actions(session: Session, site: str, line: str, chain: Chain, today: date) -> Table:
    """Actions that are not verified yet, about a complaint of the line or an 8D with one; the next due first."""
    rows = [
        Row([a.due_on, a.due_on < today.isoformat(), a.what, _named(TYPES[a.type], a.type),
             _named(STATES[a.state], a.state), *_about(chain, complaint)])
        for a in actions_service.listed_actions(session, site, state=OPEN)
        for complaint in _of_line(session, site, line, a)
    ]  # fmt: skip
    return Table("actions", Text("Open actions", "未关闭的措施"), _COLUMNS, rows)


def _of_line(session: Session, site: str, line: str, action: Action) -> Iterator[Complaint]:
    """The complaint of that line that the action is about: the first, when there are several; or none."""
    ids = [action.complaint] if action.complaint else []
    if action.eight_d is not None:
        ids += actions_service.one_eight_d(session, site, action.eight_d).complaints
    stored = load.stored(session, site, ids)
    found = (stored[named][1] for named in ids if named in stored)
    yield from [c for c in found if c.line == line][:1]


def _about(chain: Chain, complaint: Complaint) -> list[object]:
    made, defect = complaint.made_at, complaint.defect
    return [made and named(chain, "made_at", made), defect and named(chain, "defect", defect)]


def _named(text: Text, key: str) -> dict[str, str]:
    return {"id": str(key), "en": text.en, "zh": text.zh}
