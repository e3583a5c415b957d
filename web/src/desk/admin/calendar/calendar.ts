/** The work calendar as it is typed: from the server's document and back, what is wrong with it, and the week it makes. Pure. */
import { fresh } from "../../../i18n/calendar";
import type { Name } from "../../../i18n/language";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
const DAY = 24 * 60;
const WEEK = 7 * DAY;

export interface Break {
  from: string;
  until: string;
}
export interface Shift {
  readonly id: string;
  name: { en: string; zh: string };
  from: string;
  until: string;
  days: readonly Day[];
  breaks: Break[];
}
/** Days off, both ends within. */
export interface Free {
  readonly first: string;
  readonly last: string;
}
export interface Draft {
  shifts: Shift[];
  holidays: Free[];
}

/** As it stands on the wire. */
export interface Calendar {
  readonly shifts?: readonly {
    readonly id: string;
    readonly name?: Name | string;
    readonly from: string;
    readonly until: string;
    readonly days?: readonly string[];
    readonly breaks?: readonly string[];
  }[];
  readonly holidays?: readonly string[];
}

function split(range: string, by: string): readonly [string, string] {
  const [a = "", b] = range.split(by);
  return [a, b ?? a];
}

export function draftOf(calendar: Calendar): Draft {
  const shifts = (calendar.shifts ?? []).map(({ id, name, from, until, days, breaks }): Shift => ({
    id,
    name: typeof name === "string" ? { en: name, zh: name } : { en: name?.en ?? "", zh: name?.zh ?? "" },
    from,
    until,
    days: DAYS.filter((day) => !days || days.includes(day)),
    breaks: (breaks ?? []).map((range) => {
      const [since, to] = split(range, "-");
      return { from: since, until: to };
    }),
  }));
  const holidays = (calendar.holidays ?? []).map((range): Free => {
    const [first, last] = split(range, "..");
    return { first, last };
  });
  return { shifts, holidays };
}

export const calendarOf = (draft: Draft): Calendar => ({
  shifts: draft.shifts.map(({ id, name, from, until, days, breaks }) => ({
    id,
    name: { ...(name.en.trim() && { en: name.en.trim() }), ...(name.zh.trim() && { zh: name.zh.trim() }) },
    from,
    until,
    days,
    breaks: breaks.map((one) => `${one.from}-${one.until}`),
  })),
  holidays: draft.holidays.map(({ first, last }) => (first === last ? first : `${first}..${last}`)),
});

/** A shift to follow the last one: as long as most are, on the days of work. */
export function nextShift(draft: Draft): Shift {
  let n = draft.shifts.length + 1;
  while (draft.shifts.some(({ id }) => id === `shift-${n}`)) n++;
  const from = draft.shifts.at(-1)?.until ?? "06:00";
  return { id: `shift-${n}`, name: fresh.shift(n), from, until: timeAt(minutesOf(from) + 8 * 60), days: DAYS.slice(0, 5), breaks: [] };
}

export type Fault = { readonly is: "name" | "days" | "breaks" | "time"; readonly shift: Shift } | { readonly is: "holiday" };

/** What the server would refuse, in the order of the page. */
export function faultsOf(draft: Draft): readonly Fault[] {
  const shifts = draft.shifts.flatMap((shift): Fault[] => {
    const is = faultOf(shift);
    return is ? [{ is, shift }] : [];
  });
  return [...shifts, ...(draft.holidays.some(({ first, last }) => last < first) ? [{ is: "holiday" } as const] : [])];
}

function faultOf(shift: Shift): "name" | "days" | "breaks" | "time" | null {
  if (!shift.name.en.trim() && !shift.name.zh.trim()) return "name";
  if ([shift.from, shift.until, ...shift.breaks.flatMap((one) => [one.from, one.until])].includes("")) return "time";
  if (shift.days.length === 0) return "days";
  return breaksFit(shift) ? null : "breaks";
}

/** Minutes from midnight of `HH:MM`. */
export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const timeAt = (minutes: number): string =>
  [Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
const since = (shift: Shift, time: string): number => (minutesOf(time) - minutesOf(shift.from) + DAY) % DAY;
/** A shift that ends when it begins lasts a whole day. */
const lengthOf = (shift: Shift): number => since(shift, shift.until) || DAY;

function breaksFit(shift: Shift): boolean {
  const spans = pauses(shift);
  return spans.every(([begin, end], i) => begin < end && end <= lengthOf(shift) && (i === 0 || begin >= spans[i - 1]![1]));
}

/** The breaks as minutes since the shift began, in order. */
const pauses = (shift: Shift): (readonly [number, number])[] =>
  shift.breaks.map((one) => [since(shift, one.from), since(shift, one.until)] as const).sort((a, b) => a[0] - b[0]);

export interface Span {
  readonly shift: number;
  readonly day: number;
  /** Minutes of that day. */
  readonly begin: number;
  readonly end: number;
}

/** What is worked in a week without holidays: each shift without its breaks, cut at midnight. */
export function weekOf(shifts: readonly Shift[]): readonly Span[] {
  return shifts.flatMap((shift, i) =>
    faultOf(shift) ? [] : shift.days.flatMap((day) => worked(shift).flatMap(([a, b]) => cut(i, DAYS.indexOf(day) * DAY + minutesOf(shift.from), a, b))),
  );
}

function worked(shift: Shift): (readonly [number, number])[] {
  const edges = [0, ...pauses(shift).flat(), lengthOf(shift)];
  const spans = edges.flatMap((begin, i): (readonly [number, number])[] => (i % 2 ? [] : [[begin, edges[i + 1]!]]));
  return spans.filter(([begin, end]) => begin < end);
}

function cut(shift: number, origin: number, from: number, until: number): Span[] {
  const spans: Span[] = [];
  for (let at = origin + from; at < origin + until; ) {
    const end = Math.min(origin + until, (Math.floor(at / DAY) + 1) * DAY);
    const begin = at % DAY;
    spans.push({ shift, day: Math.floor((at % WEEK) / DAY), begin, end: begin + end - at });
    at = end;
  }
  return spans;
}

/** Minutes of the week in which at least one shift works. */
export function workedMinutes(spans: readonly Span[]): number {
  let sum = 0;
  let until = -1;
  const inOrder = spans.map(({ day, begin, end }) => [day * DAY + begin, day * DAY + end] as const).sort((a, b) => a[0] - b[0]);
  for (const [begin, end] of inOrder) {
    sum += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return sum;
}
