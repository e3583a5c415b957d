"""What a notice says, in simplified Chinese and English. Pure; every text stands here in both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from threenos_server.notify.model import NoticeKind

Params = Mapping[str, Any]

LANGUAGES = ("en", "zh")

_TEXT: dict[str, tuple[str, str]] = {
    "head": ("{what} · {line} · {station} · {time}", "{what} · {line} · {station} · {time}"),
    "about": ("{defect}, supplier: {supplier}", "{defect}，供方：{supplier}"),
    "stop": ("STOP", "停线"),
    "reject": ("Rejected", "拒收"),
    "call": ("Call", "呼叫"),
    "late-response": ("Late response", "响应迟到"),
    "escalation": ("ESCALATED ({role}): {what}", "升级通知（{role}）：{what}"),
    "late": ("Limit missed ({clock}): {what}", "超时（{clock}）：{what}"),
    "reminder": ("Countermeasure due {due_on}: {what}", "对策将于 {due_on} 到期：{what}"),
    "drill": ("DRILL – {what}", "演练 – {what}"),
    "audit": ("Threenos needs a look: {problem}", "系统需要检查：{problem}"),
    "waited": ("nobody there after {minutes} min", "{minutes} 分钟仍无人到场"),
    "nobody": ("nobody on the roster as {roles}", "排班表中无人担任：{roles}"),
    "told-late": ("told {minutes} min late", "通知延迟 {minutes} 分钟"),
    "replay": ("sent again after an outage", "断线后补传"),
    "joined": ("{count} notices: {kinds}", "{count} 条通知：{kinds}"),
    "unknown": ("not said yet", "未说明"),
    "clock:acknowledge": ("acknowledge", "响应"),
    "clock:arrive": ("arrive", "到场"),
    "clock:contain": ("contain", "围堵"),
    "clock:answer": ("answer", "答复"),
    "role:worker": ("worker", "操作工"),
    "role:team-leader": ("team leader", "班组长"),
    "role:supervisor": ("supervisor", "主管"),
    "role:process-owner": ("process owner", "工序负责人"),
    "role:quality-engineer": ("quality engineer", "质量工程师"),
    "role:director": ("director", "车间主任"),
    "role:auditor": ("auditor", "审核员"),
    "role:function": ("function", "职能部门"),
    "kind:stop": ("stops", "停线"),
    "kind:reject": ("rejects", "拒收"),
    "kind:call": ("calls", "呼叫"),
    "kind:escalation": ("escalations", "升级"),
    "kind:late": ("missed limits", "超时"),
    "kind:reminder": ("reminders", "提醒"),
    "kind:drill": ("DRILL", "演练"),
    "kind:audit": ("checks", "检查"),
    "problem:not-fired": ("{count} escalations are overdue and did not go out", "{count} 个到期升级未发出"),
    "problem:no-deadlines": ("{count} complaints have no deadlines", "{count} 个投诉没有时限"),
    "problem:not-sent": ("{count} notices wait and are not sent", "{count} 条通知未发送"),
    "problem:dead": ("{count} notices could not be delivered", "{count} 条通知无法送达"),
}


@dataclass(frozen=True, slots=True)
class Worded:
    """A message as a person reads it."""

    title: str
    body: str


def text(key: str, language: str, **values: object) -> str:
    """The text of `key` in `language` (any zh is simplified Chinese, all else English)."""
    return _TEXT[key][_index(language)].format(**values)


def message(notices: Sequence[tuple[NoticeKind, Params]], language: str) -> Worded:
    """One message of one or several notices: what it is in the title, each notice on a line of the body."""
    lines = [sentence(kind, params, language) for kind, params in notices]
    if len(lines) == 1:
        return Worded(_title(*notices[0], language), lines[0])
    counts: dict[NoticeKind, int] = {}
    for kind, _ in notices:
        counts[kind] = counts.get(kind, 0) + 1
    kinds = _comma(language).join(f"{n} {text(f'kind:{kind}', language)}" for kind, n in counts.items())
    return Worded(text("joined", language, count=len(lines), kinds=kinds), "\n".join(lines))


def sentence(kind: NoticeKind, params: Params, language: str) -> str:
    """One notice on one line."""
    if kind is NoticeKind.AUDIT:
        return _title(kind, params, language)
    head = text(
        "head",
        language,
        what=_title(kind, params, language),
        line=_name(params, "line", language),
        station=_name(params, "station", language),
        time=params.get("time", ""),
    )
    about = text(
        "about", language, defect=_name(params, "defect", language), supplier=_name(params, "supplier", language)
    )
    return _comma(language).join([f"{head}: {about}", *_remarks(params, language)])


def _title(kind: NoticeKind, params: Params, language: str) -> str:
    what = text(str(params.get("complaint_kind", "reject")), language)
    match kind:
        case NoticeKind.AUDIT:
            problem = text(f"problem:{params['problem']}", language, count=params["count"])
            return text("audit", language, problem=problem)
        case NoticeKind.DRILL:
            return text("drill", language, what=_title(NoticeKind(params["of"]), params, language))
        case NoticeKind.ESCALATION:
            return text("escalation", language, what=what, role=text(f"role:{params['role']}", language))
        case NoticeKind.LATE:
            return text("late", language, what=what, clock=text(f"clock:{params['clock']}", language))
        case NoticeKind.REMINDER:
            return text("reminder", language, what=what, due_on=params["due_on"])
        case _:
            return what


def _remarks(params: Params, language: str) -> list[str]:
    remarks: list[str] = []
    if params.get("waited_s", 0) >= 60:
        remarks.append(text("waited", language, minutes=params["waited_s"] // 60))
    if params.get("nobody"):
        roles = _comma(language).join(text(f"role:{role}", language) for role in params["nobody"])
        remarks.append(text("nobody", language, roles=roles))
    if params.get("late_s", 0) >= 60:
        remarks.append(text("told-late", language, minutes=params["late_s"] // 60))
    if params.get("replay"):
        remarks.append(text("replay", language))
    return remarks


def _name(params: Params, what: str, language: str) -> str:
    names = params.get("names", {}).get(what) or {}
    return names.get(LANGUAGES[_index(language)]) or names.get("en") or text("unknown", language)


def _index(language: str) -> int:
    return 1 if language.lower().startswith("zh") else 0


def _comma(language: str) -> str:
    return "、" if _index(language) else ", "
