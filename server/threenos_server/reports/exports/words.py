"""What stands around the figures in an exported file, in both languages."""

from typing import Literal

from threenos_server.reports.document import Text
from threenos_server.reports.labels import DIMENSIONS, KINDS, SEVERITIES

Language = Literal["en", "zh-CN"]


def said(text: Text, language: Language) -> str:
    """One of the two."""
    return text.zh if language == "zh-CN" else text.en


ABOUT = Text("About this report", "报表说明")
ASKED_AT = Text("Made at", "生成时间")
CHARTS = Text("Charts", "图表")
COMPARED = Text("Compared period", "对比期")
CONFIRMED = Text("Made-at confirmed", "产生工序已确认")
COUNT = Text("Complaints counted", "计入的投诉数")
DAYS = Text("days", "天")
DEFINITION = Text("Definition", "定义")
EMPTY = Text("Nothing in this period.", "本期没有数据。")
EMPTY_CELL = Text(
    "An empty cell, or –, is what cannot be said; it is never 0.", "空单元格或“–”表示无法得出，绝不等于 0。"
)
FILTER = Text("Filter", "筛选")
HIGH = Text("high", "上限")
LOW = Text("low", "下限")
LEGEND_OUTSIDE = Text("Breaks a rule", "违反规则")
NOTES = Text("Notes", "注意")
NO_FILTER = Text("none", "无")
ONLY_SIGNALS = Text(
    "Only points that break a rule are listed; the workbook has all.", "仅列出违反规则的点；全部数据见工作簿。"
)
PERIOD = Text("Period", "期间")
POPULATION = Text("Population", "统计范围")
REPORT = Text("Report", "报表")
SIGNALS = Text("Breaks a rule (for the chart)", "违反规则（绘图用）")
TIMEZONE = Text("Time zone", "时区")
TO = Text("to", "至")
TOTAL = Text("Total", "合计")
UNCLASSIFIED = Text("Made-at unclassified", "产生工序未归类")
VITAL = Text("Vital few", "关键少数")
WARNING = Text("Mind", "请注意")
YES, NO = Text("yes", "是"), Text("no", "否")

#: What is asked for, as the filter bar calls it.
ASKED = {
    **DIMENSIONS,
    "process": Text("Process", "工序"),
    "confirmed": Text("Confirmed only", "仅已确认"),
    "by": Text("By", "分组"),
    "measure": Text("Measure", "度量"),
    "step": Text("Step", "步长"),
    "chart": Text("Chart", "控制图"),
    "phase_at": Text("Countermeasure took effect on", "对策生效日"),
}
#: Values of the filter that are words and no ids.
VALUES = {
    **KINDS,
    **SEVERITIES,
    **DIMENSIONS,
    "true": YES,
    "count": Text("Complaints", "投诉数"),
    "units": Text("Rejected units", "拒收件数"),
    "cost": Text("Cost", "成本"),
    "hour": Text("Hour", "小时"),
    "day": Text("Day", "日"),
    "week": Text("Week", "周"),
    "month": Text("Month", "月"),
}


def more_rows(n: int) -> Text:
    """What a page says instead of rows that it has no room for."""
    return Text(f"{n:,} more rows are in the workbook and in the CSV.", f"另有 {n:,} 行，见工作簿和 CSV。")


def more_bars(n: int) -> Text:
    """What a chart says instead of groups that it has no room for."""
    return Text(f"{n:,} more are in the table.", f"另有 {n:,} 项，见表。")


def page_of(language: Language) -> tuple[str, str, str]:
    """What stands before, between and after the number of a page and how many there are."""
    return ("第 ", " 页，共 ", " 页") if language == "zh-CN" else ("page ", " of ", "")
