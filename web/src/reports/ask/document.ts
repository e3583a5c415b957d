/** The report document: what the server says of a report, and all that a page draws from. A renderer knows no report by its name. */

export interface Text {
  readonly en: string;
  readonly zh: string;
}

export interface Named extends Text {
  readonly id: string;
}

export type ColumnType =
  | "name"
  | "text"
  | "id"
  | "count"
  | "number"
  | "share"
  | "rate"
  | "seconds"
  | "money"
  | "interval"
  | "date"
  | "instant"
  | "flag"
  | "list";

export interface Column {
  readonly id: string;
  readonly title: Text;
  readonly type: ColumnType;
  readonly unit: Text | null;
  /** Decimals to show; of a share, those of its percentage. */
  readonly digits: number;
}

export interface Row {
  /** In the order of the columns; null is "cannot be said". */
  readonly cells: readonly unknown[];
  /** The query of the complaints behind each cell. */
  readonly links: readonly (string | null)[];
  readonly kind: "row" | "other" | "unclassified" | "missing";
}

export interface Table {
  readonly id: string;
  readonly title: Text;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly totals: readonly unknown[] | null;
}

export interface Series {
  readonly column: string;
  readonly title: Text;
  readonly role: "bar" | "line" | "vital" | "value" | "centre" | "lower" | "upper" | "rules" | "excluded" | "phase" | "cell";
}

export interface Chart {
  readonly id: string;
  readonly kind: "pareto" | "matrix" | "grouped" | "control" | "bars" | "stacked" | "lines";
  readonly table: string;
  readonly title: Text;
  /** The column that stands on the x axis. */
  readonly x: string;
  readonly series: readonly Series[];
  readonly marks: readonly { readonly at: string; readonly text: Text }[];
  readonly x_title: Text | null;
  readonly y_title: Text | null;
}

export interface Note {
  readonly code: string;
  readonly weight: "info" | "warning";
  readonly text: Text;
}

export interface Period {
  readonly from: string;
  /** The first day that is not part of it. */
  readonly to: string;
  readonly days: number;
  readonly timezone: string;
  readonly asked_at: string;
}

export interface Report {
  readonly report: string;
  readonly title: Text;
  readonly definition: Text;
  readonly population: {
    readonly text: Text;
    readonly count: number;
    readonly confirmed: number;
    readonly confirmed_share: number | null;
    readonly unclassified: number;
  };
  readonly period: Period;
  readonly filter: { readonly [name: string]: readonly string[] };
  readonly notes: readonly Note[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly compared: Report | null;
}

/** A report that there is, and what it may be asked by. */
export interface Offered {
  readonly name: string;
  readonly title: Text;
  readonly definition: Text;
  readonly by: readonly string[];
  readonly measures: readonly string[];
  readonly steps: readonly string[];
  readonly charts: readonly string[];
}

export const place = (table: Table, column: string): number => table.columns.findIndex(({ id }) => id === column);

/** The cells of one column, from the first row. */
export const cellsOf = (table: Table, column: string): readonly unknown[] => {
  const at = place(table, column);
  return table.rows.map(({ cells }) => cells[at] ?? null);
};

/** The first link of a row: the complaints that it counts. */
export const linkOf = (row: Row | undefined): string | null => row?.links.find((link) => link) ?? null;

/** What the drawn column links to, else what the row does. */
export const linkAt = (table: Table, row: number, column: string): string | null =>
  table.rows[row]?.links[place(table, column)] ?? linkOf(table.rows[row]);


/** Whether there is anything to look at: a complaint, or another count above zero; what was merely handed on is none. */
export const saysSomething = (report: Report): boolean =>
  report.population.count > 0 ||
  report.tables.some(({ columns, rows }) =>
    rows.some(({ cells }) => cells.some((cell, i) => columns[i]?.type === "count" && columns[i]?.id !== "phase" && Number(cell) > 0)),
  );
