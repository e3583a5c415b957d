/** Values over time as lines. Pure. */
import { said } from "../show/cell";
import { base, columnOf, grid, legend, namesOf, numbersOf, seriesOf, told, valueAxis, type Part, type View } from "./view";

export const LINES_HEIGHT = 340;

export function lines(view: View): Part {
  const names = namesOf(view);
  const drawn = seriesOf(view, "line", "value");
  return {
    ...base(view),
    legend: legend(view),
    grid: grid({ top: 40, bottom: 8 }),
    xAxis: { type: "category", data: names, axisLabel: { color: view.ink.muted, hideOverlap: true } },
    yAxis: valueAxis(view, columnOf(view, drawn[0]!), { name: said(view.chart.y_title) }),
    series: drawn.map((series, i) => ({
      type: "line",
      id: series.column,
      name: said(series.title),
      data: numbersOf(view, series),
      color: view.ink.series[i],
      symbolSize: 7,
    })),
    tooltip: { ...(base(view)["tooltip"] as Part), trigger: "item", formatter: ({ dataIndex }: { dataIndex: number }) => told(view, dataIndex, names) },
  };
}
