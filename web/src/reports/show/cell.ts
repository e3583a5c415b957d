/** A cell in words, as its column says that it is to be read. Null is "cannot be said": a dash, never 0. */
import { day, span } from "../../i18n/format";
import { dateTimeIn, grouped } from "../../i18n/reports-format";
import { roleName } from "../../i18n/domain";
import { nameOf } from "../../i18n/language";
import { ruleName, t } from "../../i18n/reports";
import type { Column, Named, Table, Text } from "../ask/document";

export const said = (text: Text | null | undefined): string => (text ? nameOf(text, "") : "");

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$/;
const NUMBERS = new Set(["count", "number", "share", "rate", "seconds", "money", "interval"]);
export const isNumber = (column: Column): boolean => NUMBERS.has(column.type);

/** One number of a column, without its unit. */
export function amount(value: number, { type, digits }: Pick<Column, "type" | "digits">): string {
  if (type === "share") return `${grouped(value * 100, digits)} %`;
  if (type === "seconds") return span(value);
  return grouped(value, digits);
}

/** What stands in a cell. `of` is the column before it, whose interval it may be. */
export function show(value: unknown, column: Column, timezone: string, of?: Column): string {
  if (value === null || value === undefined) return t.value.unsaid;
  switch (column.type) {
    case "name":
      return nameOf(value as Named, (value as Named).id);
    case "interval":
      return interval(value as readonly [number, number | null], of?.type === "share" ? of : column);
    case "flag":
      return value ? t.value.yes : "";
    case "list":
      return (value as readonly string[]).map(ruleName).join(t.value.comma);
    case "date":
      return day(value as string);
    case "instant":
      return dateTimeIn(value as string, timezone);
    case "text":
    case "id":
      return text(value as string, column, timezone);
    default:
      return amount(value as number, column);
  }
}

function interval([low, high]: readonly [number, number | null], column: Column): string {
  return t.value.range(amount(low, column), high === null ? "∞" : amount(high, column));
}

function text(value: string, column: Column, timezone: string): string {
  if (column.id === "role") return roleName(value);
  return INSTANT.test(value) ? dateTimeIn(value, timezone) : value;
}

/** The heading of a column, with its unit. */
export const heading = (column: Column): string =>
  column.unit ? t.value.withUnit(said(column.title), said(column.unit)) : said(column.title);

/** What each row stands for on an axis. Where several stand for the same, the other names of a row tell them apart. */
export function labels(table: Table, column: string, timezone: string): readonly string[] {
  const at = table.columns.findIndex(({ id }) => id === column);
  const first = table.rows.map(({ cells }) => show(cells[at], table.columns[at]!, timezone));
  if (new Set(first).size === first.length) return first;
  return table.rows.map(({ cells }, row) => {
    const more = table.columns.flatMap((other, i) => (i !== at && other.type === "name" ? [show(cells[i], other, timezone)] : []));
    return [first[row], ...more].join(" · ");
  });
}
