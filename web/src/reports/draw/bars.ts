/** Bars side by side or on one another: lying, so that names of any length can be read. Pure. */
import { t } from "../../i18n/reports";
import { amount, heading, said } from "../show/cell";
import { base, columnOf, grid, legend, namesOf, numbersOf, seriesOf, told, valueAxis, type Part, type View } from "./view";

/** From so many times on, the longest bar would hide the shortest: then each line is 60 times the one before. */
const FAR = 60;
const ROW = 30;
const BAR = 22;

export function barsHeight(view: View): number {
  // Grouped charts stand beside one another: their rows are of one height, however many bars each has.
  const kind = view.chart.kind;
  const series = kind === "stacked" ? 1 : Math.max(kind === "grouped" ? 2 : 1, seriesOf(view, "bar").length);
  return Math.max(1, view.table.rows.length) * Math.max(ROW, series * BAR + 10) + 60 + (series > 1 || kind === "stacked" ? 30 : 0);
}

export function bars(view: View): Part {
  const { ink, chart, narrow } = view;
  const drawn = seriesOf(view, "bar");
  const names = namesOf(view);
  const first = columnOf(view, drawn[0]!);
  const many = drawn.length > 1;
  const log = first.type === "seconds" && isFar(drawn.flatMap((series) => numbersOf(view, series)));
  const axis = valueAxis(view, first, log ? { name: t.value.page.log } : many ? { name: said(chart.y_title) } : {});
  return {
    ...base(view),
    ...(many ? { legend: legend(view) } : {}),
    grid: grid({ top: many || chart.kind === "grouped" ? 36 : 12, right: narrow ? 56 : 80, bottom: 24 }),
    xAxis: { ...axis, nameLocation: "middle", nameGap: 28, ...(log ? { type: "log", logBase: FAR, max: undefined } : {}) },
    yAxis: categories(view, names, true),
    series: drawn.map((series, i) => bar(view, series.column, said(series.title), numbersOf(view, series), ink.series[i]!, log)),
    tooltip: { ...(base(view)["tooltip"] as Part), trigger: "item", formatter: ({ dataIndex }: { dataIndex: number }) => told(view, dataIndex, names) },
  };
}

function bar(view: View, id: string, name: string, values: readonly (number | null)[], color: string, log: boolean): Part {
  const stacked = view.chart.kind === "stacked";
  const column = view.table.columns.find((one) => one.id === id)!;
  return {
    type: "bar",
    id,
    name: name || heading(column),
    data: values.map((value) => (log && value !== null ? Math.max(1, value) : value)),
    color,
    barMaxWidth: BAR,
    ...(stacked ? { stack: "all", itemStyle: { borderColor: view.ink.ground, borderWidth: 1 } } : {}),
    label: {
      show: !stacked,
      position: "right",
      color: view.ink.text,
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const value = values[dataIndex];
        return value === null || value === undefined ? "" : amount(value, column);
      },
    },
  };
}

export const categories = (view: View, names: readonly string[], lying: boolean): Part => ({
  type: "category",
  data: names,
  inverse: lying,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: view.ink.muted } },
  axisLabel: {
    color: view.ink.text,
    interval: 0,
    overflow: "break",
    ...(lying ? { width: view.narrow ? 104 : 190 } : names.length > 6 ? { rotate: 38, width: 130 } : { width: 110 }),
  },
});

function isFar(values: readonly (number | null)[]): boolean {
  const some = values.filter((value): value is number => value !== null && value > 0);
  return some.length > 1 && Math.max(...some) > FAR * Math.min(...some);
}
