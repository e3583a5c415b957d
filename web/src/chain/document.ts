/** The chain as this page edits it: every key there, names in both languages; and as the server's document. Pure. */
import type { Severity } from "../live/model";

export interface Both {
  readonly en: string;
  readonly zh: string;
}
export interface Site {
  readonly id: string;
  readonly name: Both;
  readonly timezone: string;
  readonly currency: string;
}
export interface Line {
  readonly id: string;
  readonly name: Both;
  /** Seconds. */
  readonly stop_grace: number;
  readonly owner: string | null;
}
export interface Process {
  readonly id: string;
  readonly name: Both;
  readonly kind: "step" | "function";
  readonly owner: string | null;
  readonly line: string | null;
}
export interface Station {
  readonly id: string;
  readonly name: Both;
  readonly process: string;
  /** Null: that of its process. */
  readonly line: string | null;
}
export const RELATIONS = ["process", "flow", "function", "rank-task", "rank-condition"] as const;
export type Relation = (typeof RELATIONS)[number];
export interface Link {
  readonly supplier: string;
  readonly customer: string;
  readonly relation: Relation;
  readonly standard: string | null;
}
export interface Defect {
  readonly code: string;
  readonly name: Both;
  readonly severity: Severity;
  readonly origin: string;
  readonly inspected_by: readonly string[];
  readonly pictogram: string | null;
  readonly group: string | null;
}
export interface Rung {
  readonly after: number;
  readonly role: string;
}
export const CLOCKS = ["acknowledge", "arrive", "contain", "answer"] as const;
export const RULE_KINDS = ["reject", "stop", "call", "late-response"] as const;
/** Limits in seconds; null leaves the default. */
export interface Rule extends Readonly<Record<(typeof CLOCKS)[number], number | null>> {
  readonly for: (typeof RULE_KINDS)[number];
  readonly severity: Severity | null;
  readonly ladder: readonly Rung[] | null;
}
export interface Standard {
  readonly id: string;
  readonly rules: readonly Rule[];
}
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export interface Shift {
  readonly id: string;
  readonly name: Both;
  readonly from: string;
  readonly until: string;
  readonly days: readonly string[];
  readonly breaks: readonly string[];
}
export interface Rates {
  readonly from: string;
  readonly rework_hour: number;
  readonly sort_hour: number;
  readonly unit: Readonly<Record<string, number>>;
  readonly stop_minute: Readonly<Record<string, number>>;
}
export interface Chain {
  readonly site: Site;
  readonly lines: readonly Line[];
  readonly processes: readonly Process[];
  readonly stations: readonly Station[];
  readonly links: readonly Link[];
  readonly defects: readonly Defect[];
  readonly standards: readonly Standard[];
  readonly shifts: readonly Shift[];
  readonly holidays: readonly string[];
  readonly rates: readonly Rates[];
}

/** The lists of a chain whose entries have a key. */
export const SECTIONS = ["lines", "processes", "stations", "links", "defects", "standards", "shifts", "rates"] as const;
export type Section = (typeof SECTIONS)[number];
export type Entry<S extends Section> = Chain[S][number];

/** The last step hands on to it; it is in links, never among the processes. */
export const FINAL = "final-customer";

export function keyOf(section: Section, entry: Entry<Section>): string {
  if (section === "links") return linkKey(entry as Link);
  if (section === "defects") return (entry as Defect).code;
  if (section === "rates") return (entry as Rates).from;
  return (entry as Process).id;
}

export const linkKey = ({ supplier, customer, relation }: Omit<Link, "standard">): string =>
  `${supplier}>${customer}>${relation}`;

export function find<S extends Section>(chain: Chain, section: S, key: string): Entry<S> | undefined {
  return (chain[section] as readonly Entry<S>[]).find((entry) => keyOf(section, entry) === key);
}

export const emptyChain = (site: Site): Chain => ({
  site,
  lines: [],
  processes: [],
  stations: [],
  links: [],
  defects: [],
  standards: [],
  shifts: [],
  holidays: [],
  rates: [],
});
