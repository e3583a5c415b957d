"""A review pack as pages for the wall and as a workbook: a cover that says what it is, then a part for each report."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from threenos_server.reports.document import Text
from threenos_server.reports.exports import words
from threenos_server.reports.exports.markup import Markup, tag
from threenos_server.reports.exports.page import section, table_part, whole
from threenos_server.reports.exports.values import counted, local, period_of
from threenos_server.reports.exports.words import Language, said
from threenos_server.reports.exports.xlsx import Book
from threenos_server.reports.packs import Contents, monday_of

TITLE = Text("Review pack", "质量评审资料")
_LINE, _SITE, _WEEK = Text("Line", "产线"), Text("Site", "工厂"), Text("Week", "周次")
_JOURNAL, _HASH = Text("Journal up to row", "台账截至行号"), Text("Hash of that row", "该行哈希")
_CONTENTS = Text("Contents", "目录")
_FROZEN = Text(
    "These figures stand as they were when the pack was made; rulings that came later do not change it. The journal "
    "holds the SHA-256 of each of its files. No names of persons are in it.",
    "本资料中的数字以生成时为准，之后的裁定不会改变它。台账中记有每个文件的 SHA-256。不含任何人员姓名。",
)


def html(shown: Contents, language: Language) -> str:
    """The pages: cover, reports, open actions."""
    tz = ZoneInfo(shown.timezone)
    title = f"{said(TITLE, language)} – {said(shown.line, language)} – {shown.week}"
    parts = [_cover(shown, title, language)]
    for number, document in enumerate(shown.documents):
        parts.append(section(document, language, only_signals=True, anchor=f"part-{number}"))
    actions = table_part(shown.actions, language, tz)
    parts.append(tag("section", tag("h1", said(shown.actions.title, language)), actions, id_="actions"))
    return whole(title, local(shown.made_at, tz), language, *parts)


def workbook(shown: Contents, language: Language) -> bytes:
    """The same with all points, natively drawn."""
    book = Book(language)
    title = f"{said(TITLE, language)} – {said(shown.line, language)} – {shown.week}"
    book.pairs(said(TITLE, language), title, [*_facts(shown, language), *_list(shown, language)])
    # What a report is compared with is told by its table of the change.
    book.add([(f"{n} ", document) for n, document in enumerate(shown.documents, start=1)])
    book.table(shown.actions, f"{len(shown.documents) + 1} ", ZoneInfo(shown.timezone))
    return book.bytes()


def _facts(shown: Contents, language: Language) -> list[tuple[str, str]]:
    monday = monday_of(shown.week)
    to = said(words.TO, language)
    return [
        (said(_SITE, language), said(shown.site, language)),
        (said(_LINE, language), said(shown.line, language)),
        (said(_WEEK, language), f"{shown.week}: {monday} {to} {monday + timedelta(days=6)}"),
        (said(words.ASKED_AT, language), f"{local(shown.made_at, ZoneInfo(shown.timezone))}, {shown.timezone}"),
        (said(_JOURNAL, language), f"{shown.head.seq:,}"),
        (said(_HASH, language), shown.head.hash),
        (said(words.NOTES, language), said(_FROZEN, language)),
    ]


def _list(shown: Contents, language: Language) -> list[tuple[str, str]]:
    """The parts, each with its period and how many complaints it counts."""
    return [
        (f"{n}. {said(d.title, language)}", f"{period_of(d, language)}; {counted(d, language)}")
        for n, d in enumerate(shown.documents, start=1)
    ]


def _cover(shown: Contents, title: str, language: Language) -> Markup:
    facts = (tag("tr", tag("th", label), tag("td", value)) for label, value in _facts(shown, language))
    parts = [(f"#part-{n}", *pair) for n, pair in enumerate(_list(shown, language))]
    count = len(shown.actions.rows)
    parts.append(("#actions", f"{len(parts) + 1}. {said(shown.actions.title, language)}", f"{count}"))
    listed = (
        tag(
            "tr", tag("td", tag("a", label, href=to)), tag("td", value), tag("td", tag("a", "", href=to, class_="page"))
        )
        for to, label, value in parts
    )
    contents = tag("table", *listed, class_="contents")
    return tag(
        "section",
        tag("h1", title),
        tag("table", *facts, class_="facts"),
        tag("h2", said(_CONTENTS, language)),
        contents,
    )
