/** What one chain has otherwise than another, entry by entry and field by field. Pure. */
import { keyOf, SECTIONS, type Chain, type Entry, type Section } from "./document";

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}
export interface Change {
  readonly section: Section | "site" | "holidays";
  readonly key: string;
  readonly what: "added" | "removed" | "changed" | "moved";
  readonly fields: readonly FieldChange[];
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));

/** The order of keys in an object says nothing. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, ordered(v)]));
}

function fields(before: object, after: object): FieldChange[] {
  const [a, b] = [before, after] as Readonly<Record<string, unknown>>[];
  return [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])]
    .filter((field) => !same(a?.[field], b?.[field]))
    .map((field) => ({ field, before: a?.[field], after: b?.[field] }));
}

function between(section: Section, base: Chain | null, draft: Chain): Change[] {
  const entries = (chain: Chain | null): [string, Entry<Section>][] =>
    ((chain?.[section] ?? []) as readonly Entry<Section>[]).map((entry) => [keyOf(section, entry), entry]);
  const [before, after] = [new Map(entries(base)), new Map(entries(draft))];
  const found: Change[] = [];
  for (const [key, entry] of after) {
    const old = before.get(key);
    if (!old) found.push({ section, key, what: "added", fields: [] });
    else if (!same(old, entry)) found.push({ section, key, what: "changed", fields: fields(old, entry) });
  }
  for (const key of before.keys()) if (!after.has(key)) found.push({ section, key, what: "removed", fields: [] });
  const stayed = (one: typeof before, other: typeof after) => [...one.keys()].filter((key) => other.has(key)).join();
  if (stayed(before, after) !== stayed(after, before)) found.push({ section, key: "", what: "moved", fields: [] });
  return found;
}

/** `base` null: everything is new. */
export function difference(base: Chain | null, draft: Chain): readonly Change[] {
  const site = base ? fields(base.site, draft.site) : [];
  const holidays = base ? fields({ holidays: base.holidays }, { holidays: draft.holidays }) : [];
  return [
    ...(base && site.length === 0 ? [] : [{ section: "site", key: draft.site.id, what: base ? "changed" : "added", fields: site } as const]),
    ...SECTIONS.flatMap((section) => between(section, base, draft)),
    ...(holidays.length === 0 ? [] : [{ section: "holidays", key: "", what: "changed", fields: holidays } as const]),
  ];
}
