/** A Pareto: bars from the largest, the vital few apart from the rest, and how much they make together. Pure. */
import { heading, said } from "../show/cell";
import { cellsOf } from "../ask/document";
import { categories } from "./bars";
import { base, columnOf, grid, legend, namesOf, numbersOf, seriesOf, told, topOf, valueAxis, type Part, type View } from "./view";

const VITAL = 0.8;
const MOST_STANDING = 16;

/** Standing bars have their names below them; on a phone, or when there are many, they lie. */
const isLying = (view: View): boolean => view.narrow || view.table.rows.length > MOST_STANDING;

export const paretoHeight = (view: View): number => (isLying(view) ? view.table.rows.length * 34 + 110 : 440);

export function pareto(view: View): Part {
  const { ink, table } = view;
  const names = namesOf(view);
  const [drawn, together] = [seriesOf(view, "bar")[0]!, seriesOf(view, "line")[0]];
  const column = columnOf(view, drawn);
  const lying = isLying(view);
  const axis = valueAxis(view, column, { max: view.top || topOf(view.chart, table) || 1, nameLocation: "middle", nameGap: lying ? 28 : 44 });
  const share = together ? [shareAxis(view, said(together.title), lying)] : [];
  const values = [axis, ...share];
  const categoryAxis = categories(view, names, lying);
  return {
    ...base(view),
    legend: legend(view),
    grid: grid({ top: lying && together ? 64 : 40, left: lying ? 4 : 28, right: lying ? 20 : 28, bottom: lying ? 28 : 4 }),
    xAxis: lying ? values : categoryAxis,
    yAxis: lying ? categoryAxis : values,
    series: [...bars(view, drawn.column, lying), ...(together ? [line(view, together.column, lying)] : [])],
    tooltip: { ...(base(view)["tooltip"] as Part), trigger: "item", formatter: ({ dataIndex }: { dataIndex: number }) => told(view, dataIndex, names) },
    color: ink.series,
  };
}

/** The vital few and the rest are series of their own, so that the legend names them. */
function bars(view: View, column: string, lying: boolean): Part[] {
  const vital = seriesOf(view, "vital")[0];
  const drawn = seriesOf(view, "bar")[0]!;
  const values = numbersOf(view, drawn);
  const few = vital ? cellsOf(view.table, vital.column) : values.map(() => true);
  const one = (id: string, name: string, color: string, taken: boolean): Part => ({
    type: "bar",
    id,
    name,
    stack: "all",
    color,
    data: values.map((value, i) => (Boolean(few[i]) === taken ? value : null)),
    label: { show: !lying || !view.narrow, position: lying ? "right" : "top", color: view.ink.text, formatter: ({ value }: { value: number | null }) => (value ? String(value) : "") },
  });
  const rest = one(`${column}!rest`, heading(columnOf(view, drawn)), view.ink.muted, false);
  return vital ? [one(`${column}!few`, said(vital.title), view.ink.series[0]!, true), rest] : [rest];
}

const line = (view: View, id: string, lying: boolean): Part => ({
  type: "line",
  id,
  name: said(seriesOf(view, "line")[0]!.title),
  data: numbersOf(view, seriesOf(view, "line")[0]!),
  ...(lying ? { xAxisIndex: 1 } : { yAxisIndex: 1 }),
  color: view.ink.series[1],
  symbol: "circle",
  symbolSize: 7,
  markLine: {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: view.ink.muted, type: "dashed" },
    data: [lying ? { xAxis: VITAL } : { yAxis: VITAL }],
  },
});

const shareAxis = (view: View, name: string, lying: boolean): Part => ({
  type: "value",
  min: 0,
  max: 1,
  interval: 0.2,
  name,
  nameLocation: "middle",
  nameGap: lying ? 26 : 48,
  ...(lying ? { position: "top" } : {}),
  nameTextStyle: { color: view.ink.muted },
  axisLabel: { color: view.ink.muted, formatter: (value: number) => `${Math.round(value * 100)} %` },
  splitLine: { show: false },
});
