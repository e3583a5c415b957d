/** Periods of production days, [from, to): presets, and what there is to compare with. Days are written `2026-11-22`. Pure. */
import { changed, valueOf, type Query } from "./query";

export interface Days {
  readonly from: string;
  /** The first day that is not part of it. */
  readonly to: string;
}

const DAY_MS = 86_400_000;

export const plus = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
export const daysIn = ({ from, to }: Days): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
/** Whole days, the first before the end. */
export const isPeriod = ({ from, to }: Days): boolean => daysIn({ from, to }) > 0;

/** The day that it is somewhere. */
export const dayIn = (at: number, timezone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

const month = (day: string, months: number): string => {
  const [year, of] = day.split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, of - 1 + months, 1)).toISOString().slice(0, 10);
};
const monday = (day: string): string => plus(day, -((new Date(day).getUTCDay() + 6) % 7));

const PERIODS = {
  today: (day: string) => ({ from: day, to: plus(day, 1) }),
  yesterday: (day: string) => ({ from: plus(day, -1), to: day }),
  thisWeek: (day: string) => ({ from: monday(day), to: plus(monday(day), 7) }),
  lastWeek: (day: string) => ({ from: plus(monday(day), -7), to: monday(day) }),
  fourWeeks: (day: string) => ({ from: plus(day, -27), to: plus(day, 1) }),
  thirteenWeeks: (day: string) => ({ from: plus(day, -90), to: plus(day, 1) }),
  thisMonth: (day: string) => ({ from: month(day, 0), to: month(day, 1) }),
  lastMonth: (day: string) => ({ from: month(day, -1), to: month(day, 0) }),
  thisYear: (day: string) => ({ from: `${day.slice(0, 4)}-01-01`, to: `${Number(day.slice(0, 4)) + 1}-01-01` }),
  twelveMonths: (day: string) => ({ from: month(day, -11), to: month(day, 1) }),
} satisfies { readonly [name: string]: (day: string) => Days };
export type Preset = keyof typeof PERIODS;
export const PRESETS = Object.keys(PERIODS) as Preset[];

export const preset = (name: Preset, today: string): Days => PERIODS[name](today);
/** The preset that these days are, today. */
export const presetOf = (days: Days, today: string): Preset | null =>
  PRESETS.find((name) => {
    const { from, to } = preset(name, today);
    return from === days.from && to === days.to;
  }) ?? null;

export type Comparison = "none" | "before" | "yearBefore" | "own";

export const before = (days: Days): Days => ({ from: plus(days.from, -daysIn(days)), to: days.from });
/** The same weekdays of the year before: 52 weeks. */
export const yearBefore = (days: Days): Days => ({ from: plus(days.from, -364), to: plus(days.to, -364) });

export function comparedDays(query: Query): Days | null {
  const [from, to] = [valueOf(query, "compare_from"), valueOf(query, "compare_to")];
  return from && to ? { from, to } : null;
}

export function comparisonOf(query: Query, days: Days): Comparison {
  const other = comparedDays(query);
  if (!other) return "none";
  const is = (one: Days) => one.from === other.from && one.to === other.to;
  return is(before(days)) ? "before" : is(yearBefore(days)) ? "yearBefore" : "own";
}

/** The query of another period. What was compared with moves along, unless somebody chose its days. */
export function withPeriod(query: Query, days: Days, was: Days): Query {
  return compared(changed(query, { from: [days.from], to: [days.to] }), comparisonOf(query, was), days);
}

export function compared(query: Query, comparison: Comparison, days: Days): Query {
  if (comparison === "own") return query;
  const other = comparison === "none" ? null : comparison === "before" ? before(days) : yearBefore(days);
  return changed(query, { compare_from: other ? [other.from] : [], compare_to: other ? [other.to] : [] });
}
