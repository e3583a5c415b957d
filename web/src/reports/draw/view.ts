/** What a chart is drawn from: its table, and what every kind of chart needs of it. Pure. */
import { amount, heading, labels, said } from "../show/cell";
import { cellsOf, place, type Chart, type Column, type Series, type Table } from "../ask/document";
import type { Ink } from "./ink";

/** A part of ECharts' own language. */
export type Part = { readonly [word: string]: unknown };

export interface View {
  readonly chart: Chart;
  readonly table: Table;
  readonly timezone: string;
  readonly ink: Ink;
  /** A phone: names stand above one another, and words are fewer. */
  readonly narrow: boolean;
  /** Where the axis of values ends, so that two periods can be compared by eye. */
  readonly top: number | null;
}

export const namesOf = ({ chart, table, timezone }: View): readonly string[] => labels(table, chart.x, timezone);
export const seriesOf = ({ chart }: View, ...roles: Series["role"][]): readonly Series[] =>
  chart.series.filter(({ role }) => roles.includes(role));
export const columnOf = ({ table }: View, { column }: Series): Column => table.columns[place(table, column)]!;
export const numbersOf = ({ table }: View, { column }: Series): readonly (number | null)[] =>
  cellsOf(table, column).map((cell) => (typeof cell === "number" ? cell : null));

/** The greatest value of what is drawn: of a stack its height, of a Pareto the whole. */
export function topOf(chart: Chart, table: Table): number {
  const drawn = chart.series.filter(({ role }) => role === "bar" || role === "value" || role === "upper" || role === "line");
  const rows = table.rows.map((row) => drawn.map(({ column }) => Number(row.cells[place(table, column)] ?? 0)));
  if (chart.kind === "pareto") return rows.reduce((sum, row) => sum + (row[0] ?? 0), 0);
  const size = chart.kind === "stacked" ? (row: number[]) => row.reduce((a, b) => a + b, 0) : (row: number[]) => Math.max(...row);
  return rows.reduce((most, row) => Math.max(most, size(row)), 0);
}

export const textStyle = (ink: Ink): Part => ({ fontFamily: ink.font, fontSize: 13, color: ink.text });

export function base(view: View): Part {
  return {
    animation: false,
    textStyle: textStyle(view.ink),
    tooltip: {
      // A tooltip of HTML would need inline styles, which the content policy forbids.
      renderMode: "richText",
      confine: true,
      backgroundColor: view.ink.ground,
      borderColor: view.ink.muted,
      textStyle: textStyle(view.ink),
    },
  };
}

export const grid = (more: Part = {}): Part => ({
  left: 4, right: 16, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel", ...more,
}); // prettier-ignore

export const legend = (view: View): Part => ({ top: 0, left: 0, itemWidth: 18, itemHeight: 12, textStyle: textStyle(view.ink) });

export function valueAxis(view: View, column: Column, more: Part = {}): Part {
  const { ink, top } = view;
  return {
    type: "value",
    ...(top ? { max: top } : {}),
    name: heading(column),
    nameTextStyle: { color: ink.muted },
    axisLabel: { color: ink.muted, hideOverlap: true, formatter: (value: number) => tick(value, column) },
    splitLine: { lineStyle: { color: ink.line } },
    ...more,
  };
}

/** A value on an axis: as few decimals as tell it from its neighbour. */
export function tick(value: number, column: Column): string {
  if (column.type === "share" || column.type === "seconds") return amount(value, { type: column.type, digits: 0 });
  const digits = value === 0 || Math.abs(value) >= 10 || Number.isInteger(value) ? 0 : Math.min(6, 1 - Math.floor(Math.log10(Math.abs(value))));
  return amount(value, { type: "number", digits });
}

/** What a tooltip says of a row: its name, then each drawn value with its title. */
export function told(view: View, row: number, names: readonly string[], more: readonly string[] = []): string {
  const values = seriesOf(view, "bar", "line", "value", "centre", "lower", "upper").flatMap((series) => {
    const value = numbersOf(view, series)[row];
    return value === null || value === undefined ? [] : [`${said(series.title)}: ${amount(value, columnOf(view, series))}`];
  });
  return [names[row] ?? "", ...values, ...more].join("\n");
}
