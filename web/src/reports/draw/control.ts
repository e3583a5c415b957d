/** A control chart: values with their limits, marked where a rule is broken, cut where a countermeasure took effect. Pure. */
import { ruleName } from "../../i18n/reports";
import { said } from "../show/cell";
import { cellsOf, type Series } from "../ask/document";
import { base, columnOf, grid, namesOf, numbersOf, seriesOf, told, valueAxis, type Part, type View } from "./view";

export const CONTROL_HEIGHT = 380;
const LIMITS: readonly Series["role"][] = ["upper", "centre", "lower"];

const listOf = (view: View, role: Series["role"]): readonly unknown[] => {
  const series = seriesOf(view, role)[0];
  return series ? cellsOf(view.table, series.column) : [];
};
/** The rules that end at each point. */
const rulesOf = (view: View): readonly (readonly string[])[] =>
  view.table.rows.map((_, row) => (listOf(view, "rules")[row] as readonly string[] | null | undefined) ?? []);

export function control(view: View): Part {
  const names = namesOf(view);
  const rules = rulesOf(view);
  const value = seriesOf(view, "value")[0]!;
  const column = columnOf(view, value);
  const tell = (rows: readonly { dataIndex: number }[]) => {
    const row = rows[0]!.dataIndex;
    return told(view, row, names, rules[row]!.map(ruleName));
  };
  return {
    ...base(view),
    grid: grid({ top: 28, right: view.narrow ? 64 : 128, bottom: 8 }),
    xAxis: {
      type: "category", data: names, boundaryGap: true, axisLine: { lineStyle: { color: view.ink.muted } },
      axisLabel: { color: view.ink.muted, hideOverlap: true, rotate: view.narrow ? 50 : 0 },
    }, // prettier-ignore
    yAxis: valueAxis(view, { ...column, digits: 2 }, { name: said(view.chart.y_title) }),
    series: [...LIMITS.flatMap((role) => seriesOf(view, role).map((series) => limit(view, series))), points(view, value, rules)],
    tooltip: { ...(base(view)["tooltip"] as Part), trigger: "axis", formatter: tell },
  };
}

/** A limit is a step as wide as its point, named at its end. */
const limit = (view: View, series: Series): Part => ({
  type: "line",
  id: series.column,
  name: said(series.title),
  data: numbersOf(view, series),
  step: "middle",
  symbol: "none",
  silent: true,
  color: series.role === "centre" ? view.ink.text : view.ink.muted,
  lineStyle: { width: series.role === "centre" ? 1.5 : 2, type: series.role === "centre" ? "solid" : "dashed" },
  endLabel: { show: true, offset: [0, -10], formatter: said(series.title), color: view.ink.muted, width: view.narrow ? 56 : 116, overflow: "break" },
});

function points(view: View, series: Series, rules: readonly (readonly string[])[]): Part {
  const excluded = listOf(view, "excluded");
  return {
    type: "line",
    id: series.column,
    name: said(series.title),
    color: view.ink.series[0],
    lineStyle: { width: 1.5 },
    data: numbersOf(view, series).map((value, row) => point(view, value, rules[row]!.length > 0, Boolean(excluded[row]))),
    markLine: phases(view),
    z: 3,
  };
}

/** A marked point is red, and a diamond too; one that is excluded is hollow. */
function point(view: View, value: number | null, marked: boolean, excluded: boolean): Part {
  if (marked) return { value, symbol: "diamond", symbolSize: 15, itemStyle: { color: view.ink.signal } };
  if (excluded) return { value, symbol: "emptyCircle", symbolSize: 8, itemStyle: { color: view.ink.muted } };
  return { value, symbol: "circle", symbolSize: 7 };
}

function phases(view: View): Part {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: view.ink.text, type: "solid", width: 1.5 },
    label: { color: view.ink.text, formatter: ({ name }: { name: string }) => name },
    data: view.chart.marks.map(({ at, text }) => ({ name: said(text), xAxis: cellsOf(view.table, view.chart.x).indexOf(at) })),
  };
}
