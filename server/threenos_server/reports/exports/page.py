"""A document as a page of HTML for the printing of a PDF: what it is, its charts, its tables, what they mean."""

from collections.abc import Iterator
from importlib.resources import files
from zoneinfo import ZoneInfo

from threenos_server.reports.document import Chart, Document, Table
from threenos_server.reports.exports import bar_chart, control_chart, heat_table, pareto_chart, words
from threenos_server.reports.exports.markup import Markup, style, tag
from threenos_server.reports.exports.picture import picture, table_of
from threenos_server.reports.exports.values import (
    NUMBERS,
    asked_for,
    counted,
    heading,
    local,
    period_of,
    shown,
    total_cells,
)
from threenos_server.reports.exports.words import Language, said

#: What fits on paper: units of a chart are a quarter of a millimetre.
UPRIGHT, LYING, _HALF = 720.0, 1068.0, 512.0
#: More columns than this need the paper to lie.
_MOST_COLUMNS = 9
#: A table with more rows is for the workbook.
MOST_ROWS = 400
_DRAW = {
    "pareto": pareto_chart.draw,
    "grouped": bar_chart.draw,
    "bars": bar_chart.draw,
    "stacked": bar_chart.draw,
    "control": control_chart.draw,
    "lines": control_chart.draw,
}


def html(document: Document, language: Language) -> str:
    """The whole page of one report."""
    parts = [section(document, language)]
    if document.compared is not None:
        parts.append(section(document.compared, language, compared=True))
    return whole(
        said(document.title, language),
        local(document.period.asked_at, ZoneInfo(document.period.timezone)),
        language,
        *parts,
    )


def whole(title: str, made: str, language: Language, *parts: Markup) -> str:
    """A page of these parts; `title` and `made` (when) stand at the foot of each sheet."""
    css = files(__package__).joinpath("page.css").read_text("utf-8")
    before, between, after = words.page_of(language)
    foot = (
        f'@page {{ @bottom-left {{ content: "Threenos – {_quoted(title)} – {_quoted(made)}" }} @bottom-right {{ '
        f'content: "{before}" counter(page) "{between}" counter(pages) "{after}" }} }}'
    )
    head = tag("head", tag("meta", charset="utf-8"), tag("title", title), style(css), style(foot))
    return "<!doctype html>" + tag("html", head, tag("body", *parts), lang=language)


def section(
    document: Document,
    language: Language,
    *,
    compared: bool = False,
    only_signals: bool = False,
    anchor: str | None = None,
) -> Markup:
    """One report as a part of a page; of a control chart's points those that break a rule, if only they are wanted."""
    lying = any(len(t.columns) > _MOST_COLUMNS for t in document.tables)
    title = said(document.title, language)
    if compared:
        title = f"{title} – {said(words.COMPARED, language)}"
    inside = [
        tag("h1", title),
        _facts(document, language),
        *(_note(said(n.text, language), n.weight) for n in document.notes),
        _meaning(document, language),
        *_figures(document, language, LYING if lying else UPRIGHT),
        *_tables(document, language, only_signals=only_signals),
    ]
    return tag("section", *inside, id_=anchor, class_="report lying" if lying else "report")


def _facts(document: Document, language: Language) -> Markup:
    colon, asked = "：" if language == "zh-CN" else ": ", asked_for(document, language)
    pairs = (
        (words.PERIOD, f"{period_of(document, language)}, {document.period.timezone}"),
        (words.FILTER, "; ".join(label + colon + value for label, value in asked) or said(words.NO_FILTER, language)),
        (words.POPULATION, counted(document, language)),
    )
    rows = (tag("tr", tag("th", said(label, language)), tag("td", value)) for label, value in pairs)
    return tag("table", *rows, class_="facts")


def _note(text: str, weight: str) -> Markup:
    return tag("p", "▲ " if weight == "warning" else "", text, class_=f"note {weight}")


def _figures(document: Document, language: Language, width: float) -> Iterator[Markup]:
    """The charts of tables that have rows; a matrix is its own table."""
    tz = ZoneInfo(document.period.timezone)
    filled = [(chart, table) for chart in document.charts if (table := table_of(document, chart)).rows]
    # Paper that lies has room for two beside each other.
    half = width == LYING and len(filled) > 1
    width = _HALF if half else width
    for chart, table in filled:
        drawn = (
            heat_table.draw(table, chart, language, tz)
            if chart.kind == "matrix"
            else _DRAW[chart.kind](picture(document, chart, language, width))
        )
        class_ = "figure half" if half else "figure"
        yield tag("div", tag("h2", said(chart.title, language)), drawn, class_=class_)


def _tables(document: Document, language: Language, *, only_signals: bool) -> Iterator[Markup]:
    """The tables that no chart has shown already."""
    tz = ZoneInfo(document.period.timezone)
    drawn = {c.table for c in document.charts if c.kind == "matrix"}
    signals = {c.table: c for c in document.charts if c.kind == "control"} if only_signals else {}
    for table in document.tables:
        if table.id in drawn and table.rows:
            continue
        chart = signals.get(table.id)
        yield table_part(_signals(table, chart) if chart else table, language, tz, cut=chart is not None)


def _signals(table: Table, chart: Chart) -> Table:
    """Of a control chart's table the rows that break a rule."""
    column = next(s.column for s in chart.series if s.role == "rules")
    at = [c.id for c in table.columns].index(column)
    return Table(table.id, table.title, table.columns, [r for r in table.rows if r.cells[at]])


def table_part(table: Table, language: Language, tz: ZoneInfo, *, cut: bool = False) -> Markup:
    """A table with its title; of one that is cut it says so."""
    title = tag("h2", said(table.title, language))
    hint = tag("p", said(words.ONLY_SIGNALS, language), class_="hint") if cut else None
    if not table.rows:
        return tag("div", title, hint or tag("p", said(words.EMPTY, language), class_="hint"), class_="data")
    kinds = ["number" if c.type in NUMBERS else c.type for c in table.columns]
    head = tag("tr", *(tag("th", heading(c, language), class_=k) for c, k in zip(table.columns, kinds, strict=True)))

    def line(cells: list[object], kind: str) -> Markup:
        told = (
            tag("td", shown(value, column, language, tz), class_=k)
            for value, column, k in zip(cells, table.columns, kinds, strict=True)
        )
        return tag("tr", *told, class_=kind)

    rows = [line(row.cells, row.kind) for row in table.rows[:MOST_ROWS]]
    totals = total_cells(table, language)
    if totals is not None:
        rows.append(line([("" if v is None else v) for v in totals], "total"))
    left = len(table.rows) - MOST_ROWS
    more = tag("p", said(words.more_rows(left), language), class_="hint") if left > 0 else None
    return tag("div", title, hint, tag("table", tag("thead", head), tag("tbody", *rows)), more, class_="data")


def _meaning(document: Document, language: Language) -> Markup:
    pairs = ((words.DEFINITION, document.definition), (words.POPULATION, document.population.text))
    told = (tag("p", tag("b", said(label, language)), " ", said(text, language)) for label, text in pairs)
    return tag("div", *told, tag("p", said(words.EMPTY_CELL, language)), class_="meaning")


def _quoted(text: str) -> str:
    """A text within a string of CSS."""
    return "".join(c if c.isalnum() or c in " -–:.,/()×" else f"\\{ord(c):x} " for c in text)
