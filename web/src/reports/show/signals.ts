/** The marked points of a control chart, in words. Pure. */
import { ruleName, t } from "../../i18n/reports";
import { cellsOf, linkOf, type Chart, type Table } from "../ask/document";
import { labels } from "./cell";

export interface Signal {
  readonly label: string;
  readonly rules: string;
  /** The complaints behind it. */
  readonly link: string | null;
}

export function signalsOf(chart: Chart, table: Table, timezone: string): readonly Signal[] {
  const column = chart.series.find(({ role }) => role === "rules")?.column;
  if (column === undefined) return [];
  const names = labels(table, chart.x, timezone);
  return cellsOf(table, column).flatMap((cell, i) => {
    const broken = (cell ?? []) as readonly string[];
    return broken.length ? [{ label: names[i]!, rules: broken.map(ruleName).join(t.value.comma), link: linkOf(table.rows[i]) }] : [];
  });
}
