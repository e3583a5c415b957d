/** How dark a cell of a matrix is. Pure. */
import type { Table } from "../ask/document";

const LEVELS = 5;

export const heat = {
  /** The greatest number in these columns. */
  most(table: Table, columns: ReadonlySet<string>): number {
    const places = table.columns.flatMap(({ id }, i) => (columns.has(id) ? [i] : []));
    return Math.max(0, ...table.rows.flatMap(({ cells }) => places.map((i) => Number(cells[i] ?? 0))));
  },
  /** 0 for nothing, then 1 to 5; by the root, for a few cells hold most of all complaints. */
  level(value: number, most: number): number {
    return value <= 0 || most <= 0 ? 0 : Math.max(1, Math.min(LEVELS, Math.ceil(LEVELS * Math.sqrt(value / most))));
  },
};
