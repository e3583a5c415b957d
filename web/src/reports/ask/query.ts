/** What is asked, as it stands in the address: the same words that the server takes, so that a link shows the same figures. Pure. */

/** Which complaints: the filter bar from left to right. */
export const NARROWING = ["line", "process", "made_at", "found_at", "defect", "part", "shift", "severity", "kind"] as const;
export type Narrowing = (typeof NARROWING)[number];
/** What is kept when another report is opened; the rest belongs to one report. */
const KEPT = ["from", "to", ...NARROWING, "confirmed", "compare_from", "compare_to"] as const;
const OWN = ["by", "measure", "step", "chart", "phase_at"] as const;
export type Own = (typeof OWN)[number];
/** The list of complaints knows no grouping and no second period. */
const LISTED = ["from", "to", ...NARROWING, "confirmed"] as const;

type Name = (typeof KEPT)[number] | Own;

/** Values by name, in the order in which they are written. */
export type Query = { readonly [N in Name]?: readonly string[] };

export function read(search: string): Query {
  const params = new URLSearchParams(search);
  return only(Object.fromEntries([...KEPT, ...OWN].map((name) => [name, params.getAll(name)])));
}

export function write(query: Query): string {
  const params = new URLSearchParams();
  for (const name of [...KEPT, ...OWN]) for (const value of query[name] ?? []) params.append(name, value);
  return params.toString();
}

export const valuesOf = (query: Query, name: Name): readonly string[] => query[name] ?? [];
export const valueOf = (query: Query, name: Name): string | null => query[name]?.[0] ?? null;

/** The query with these values instead; none takes the word out. */
export const changed = (query: Query, values: Query): Query => only({ ...query, ...values });

/** What another report is asked. */
export const carried = (query: Query): Query => picked(query, KEPT);
export const listed = (query: Query): Query => picked(query, LISTED);

/** Without any filter; the period stays. */
export const unfiltered = (query: Query): Query =>
  only({ ...query, ...Object.fromEntries(NARROWING.map((name) => [name, []])), confirmed: [] });

/** What is filtered by, one by one. */
export const narrowings = (query: Query): readonly (readonly [Narrowing, string])[] =>
  NARROWING.flatMap((name) => valuesOf(query, name).map((value) => [name, value] as const));

export const isNarrowed = (query: Query): boolean => narrowings(query).length > 0 || valueOf(query, "confirmed") === "true";

function picked(query: Query, names: readonly Name[]): Query {
  return only(Object.fromEntries(names.map((name) => [name, query[name] ?? []])));
}

function only(query: { readonly [name: string]: readonly string[] }): Query {
  return Object.fromEntries(Object.entries(query).filter(([, values]) => values.length > 0));
}
