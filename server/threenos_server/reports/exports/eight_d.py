"""An 8D as pages and as a workbook: what it is about, D0 to D8, its actions, and whether the effect was verified."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from threenos_server.reports.actions import Action
from threenos_server.reports.document import Row, Table, Text
from threenos_server.reports.eight_d import Cause, EightD
from threenos_server.reports.eight_d_file import Report
from threenos_server.reports.exports import words
from threenos_server.reports.exports.markup import Markup, tag
from threenos_server.reports.exports.page import table_part, whole
from threenos_server.reports.exports.values import UNSAID, local
from threenos_server.reports.exports.words import Language, said
from threenos_server.reports.exports.xlsx import Book
from threenos_server.reports.packs_actions import STATES, TYPES
from threenos_server.reports.service_context import column

TITLE = Text("8D report", "8D 报告")
_STATES = {"open": Text("Open", "进行中"), "closed": Text("Closed", "已关闭")}
_CATEGORIES = {
    "product-development": Text("Product development", "产品开发"),
    "process-development": Text("Process development", "过程开发"),
    "production": Text("Production", "生产"),
    "logistics": Text("Logistics", "物流"),
    "no-trouble-found": Text("OK / no trouble found", "合格 / 未发现问题"),
    "unknown": Text("Unknown", "未知"),
}
_PROBLEM = {
    "what": Text("What", "什么（What）"),
    "where": Text("Where", "何处（Where）"),
    "when": Text("When", "何时（When）"),
    "who": Text("Who", "谁（Who）"),
    "why": Text("Why it is a problem", "为何是问题（Why）"),
    "how": Text("How", "如何（How）"),
    "how_many": Text("How many", "多少（How many）"),
    "is_": Text("Is", "是"),
    "is_not": Text("Is not", "不是"),
}
_EVIDENCE, _VERIFIED = Text("Evidence", "证据"), Text("Verified", "已验证")
_CAUSES = {
    "occurrence": Text("D4a Root cause of making it", "D4a 产生的根本原因"),
    "escape": Text("D4b Root cause of not detecting it", "D4b 流出（未检出）的根本原因"),
    "system": Text("D4c Root cause in the system", "D4c 系统的根本原因"),
}
_ACTIONS = [
    column("type", "Type", "类型", "name"),
    column("what", "Action", "措施", "text"),
    column("owner", "Owner", "负责人", "text"),
    column("due_on", "Due", "到期日", "date"),
    column("state", "State", "状态", "name"),
    column("evidence", "Evidence", "证据", "text"),
]


class Part(msgspec.Struct, frozen=True):
    """A discipline: labels and what is said; a label of None is the discipline itself."""

    title: Text
    said: list[tuple[Text | None, str]]


def html(shown: Report, language: Language) -> str:
    """The pages."""
    tz = ZoneInfo(shown.timezone)
    title = f"{said(TITLE, language)}: {shown.eight_d.title}"
    facts = (tag("tr", tag("th", label), tag("td", value)) for label, value in _facts(shown, language))
    inside = [tag("h1", title), tag("table", *facts, class_="facts"), table_part(shown.complaints, language, tz)]
    inside += [_drawn(part, language) for part in _parts(shown.eight_d, language)]
    inside.append(table_part(_actions(shown.actions), language, tz))
    return whole(title, local(shown.made_at, tz), language, tag("section", *inside))


def workbook(shown: Report, language: Language) -> bytes:
    """The same in three sheets."""
    tz = ZoneInfo(shown.timezone)
    rows = _facts(shown, language)
    for part in _parts(shown.eight_d, language):
        rows += [("", ""), (said(part.title, language), "")]
        rows += [(said(label, language) if label else "", text or UNSAID) for label, text in part.said]
    book = Book(language)
    book.pairs("8D", f"{said(TITLE, language)}: {shown.eight_d.title}", rows)
    book.table(shown.complaints, "", tz)
    book.table(_actions(shown.actions), "", tz)
    return book.bytes()


def _facts(shown: Report, language: Language) -> list[tuple[str, str]]:
    eight, tz = shown.eight_d, ZoneInfo(shown.timezone)

    def at(instant: str | None) -> str:
        return UNSAID if instant is None else local(instant, tz)

    rows = [
        (Text("Site", "工厂"), said(shown.site, language)),
        (Text("Number", "编号"), f"{eight.id}, v{eight.version}"),
        (Text("State", "状态"), said(_STATES[eight.state], language)),
        (Text("Opened", "立项时间"), at(eight.opened_at)),
        (Text("Effect verified", "有效性验证时间"), at(eight.verified_at)),
        (Text("Closed", "关闭时间"), at(eight.closed_at)),
    ]
    if shown.missing:
        keeps = Text("Keeps it from closing", "尚缺，不能关闭")
        rows.append((keeps, ", ".join(_wanting(pointer, language) for pointer in shown.missing)))
    return [(said(label, language), value) for label, value in rows]


def _wanting(pointer: str, language: Language) -> str:
    name = pointer.strip("/")
    return said(_CAUSES[name], language) if name in _CAUSES else said(_WANTING[name], language)


def _parts(eight: EightD, language: Language) -> Iterator[Part]:
    team, problem = eight.d1, eight.d2
    yield Part(_D["d0"], [(None, eight.d0)])
    yield Part(_D["d1"], [
        (Text("Champion", "倡导者"), team.champion or ""), (Text("Leader", "组长"), team.leader or ""),
        (Text("Members", "成员"), ", ".join(team.members)),
    ])  # fmt: skip
    yield Part(_D["d2"], [(label, getattr(problem, name)) for name, label in _PROBLEM.items()])
    yield Part(_D["d3"], [(None, eight.d3)])
    for name, title in _CAUSES.items():
        yield Part(title, list(_cause(getattr(eight, name), language)))
    category = said(_CATEGORIES[eight.category], language) if eight.category else ""
    yield Part(_D["category"], [(None, ": ".join(filter(None, (category, eight.category_detail))))])
    yield Part(_D["d5"], [(None, eight.d5)])
    on = eight.d6.on.isoformat() if eight.d6.on else ""
    yield Part(
        _D["d6"], [(Text("In place since", "实施日期"), on), (Text("Validation", "确认数据"), eight.d6.validation)]
    )
    yield Part(_D["d7"], [(None, eight.d7)])
    yield Part(_D["effect"], list(_effect(eight, language)))
    yield Part(_D["d8"], [(None, eight.d8)])


def _cause(cause: Cause, language: Language) -> Iterator[tuple[Text | None, str]]:
    for n, why in enumerate(cause.whys, start=1):
        yield Text(f"Why {n}", f"为什么 {n}"), why
    if not cause.whys:
        yield Text("Why", "为什么"), ""
    yield _EVIDENCE, cause.evidence
    yield _VERIFIED, said(words.YES if cause.verified else words.NO, language)


def _effect(eight: EightD, language: Language) -> Iterator[tuple[Text | None, str]]:
    effect = eight.effect
    if effect is None:
        yield None, ""
        return
    yield Text("Metric", "指标"), effect.metric
    yield Text("Baseline", "基线"), effect.baseline
    yield Text("Window", "观察期"), f"{effect.from_} {said(words.TO, language)} {effect.to}"
    yield Text("Result", "结果"), effect.result
    yield Text("Effective", "有效"), said(words.YES if effect.effective else words.NO, language)


def _drawn(part: Part, language: Language) -> Markup:
    title = tag("h2", said(part.title, language))
    if part.said[0][0] is None:
        return tag("div", title, tag("p", part.said[0][1] or UNSAID), class_="discipline")
    rows = (
        tag("tr", tag("th", said(label, language) if label else ""), tag("td", text or UNSAID))
        for label, text in part.said
    )
    return tag("div", title, tag("table", *rows, class_="facts"), class_="discipline")


def _actions(actions: Sequence[Action]) -> Table:
    rows = []
    for a in actions:
        kind, state = TYPES[a.type], STATES[a.state]
        rows.append(Row([
            {"id": a.type, "en": kind.en, "zh": kind.zh}, a.what, a.owner or None, a.due_on,
            {"id": a.state, "en": state.en, "zh": state.zh}, a.evidence,
        ]))  # fmt: skip
    return Table("actions", Text("Actions", "措施"), _ACTIONS, rows)


_D = {
    "d0": Text("D0 Emergency response", "D0 应急响应"),
    "d1": Text("D1 Team", "D1 小组"),
    "d2": Text("D2 Problem", "D2 问题描述"),
    "d3": Text("D3 Containment", "D3 围堵"),
    "category": Text("D4 Category of the cause", "D4 原因类别"),
    "d5": Text("D5 Corrective actions chosen", "D5 选定的纠正措施"),
    "d6": Text("D6 Implemented and validated", "D6 实施与确认"),
    "d7": Text("D7 Prevention", "D7 预防再发"),
    "d8": Text("D8 Closure and thanks", "D8 总结与致谢"),
    "effect": Text("Effectiveness check", "有效性验证"),
}
_WANTING = {**_D, "actions": Text("Actions, each verified", "措施（全部验证）")}
