/** Cost rates as they are typed, and as the server takes them. Pure. */

export interface Rates {
  readonly from: string;
  readonly rework_hour?: number;
  readonly sort_hour?: number;
  readonly unit?: Readonly<Record<string, number>>;
  readonly stop_minute?: Readonly<Record<string, number>>;
}

/** An empty field is a rate that nobody has set. */
export interface Draft {
  from: string;
  rework_hour: number | "";
  sort_hour: number | "";
  unit: Record<string, number | "">;
  stop_minute: Record<string, number | "">;
}

/** A draft with a field for every process and line; of `rates`, or empty. */
export function draftOf(rates: Rates | undefined, processes: readonly string[], lines: readonly string[]): Draft {
  const fields = (ids: readonly string[], known: Readonly<Record<string, number>> = {}) =>
    Object.fromEntries(ids.map((id): [string, number | ""] => [id, known[id] ?? ""]));
  return {
    from: rates?.from ?? "",
    rework_hour: rates?.rework_hour ?? "",
    sort_hour: rates?.sort_hour ?? "",
    unit: fields(processes, rates?.unit),
    stop_minute: fields(lines, rates?.stop_minute),
  };
}

export function bodyOf(draft: Draft): Omit<Rates, "from"> {
  const said = (fields: Readonly<Record<string, number | "">>) =>
    Object.fromEntries(Object.entries(fields).filter((field): field is [string, number] => field[1] !== ""));
  return {
    ...(draft.rework_hour === "" ? {} : { rework_hour: draft.rework_hour }),
    ...(draft.sort_hour === "" ? {} : { sort_hour: draft.sort_hour }),
    unit: said(draft.unit),
    stop_minute: said(draft.stop_minute),
  };
}

/** The rates that count on a day: the newest that are not to come. */
export function countingOn(rates: readonly Rates[], day: string): Rates | undefined {
  return rates.filter(({ from }) => from <= day).sort((a, b) => b.from.localeCompare(a.from))[0];
}
