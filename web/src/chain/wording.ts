/** A change in words: what it is of, and each of its fields before and after. */
import { t } from "../i18n/chain";
import { d, roleName } from "../i18n/domain";
import { day, number, span } from "../i18n/format";
import { nameOf, type Name } from "../i18n/language";
import type { Change, FieldChange } from "./difference";
import { find, type Chain, type Link, type Relation } from "./document";
import { named } from "./editor";

/** `chain` has the entry: the draft, or for a removed one what it was removed from. */
export function changeTitle(change: Change, chain: Chain): string {
  const section = t.value.difference.section[change.section];
  return change.key === "" || change.section === "site" ? section : t.value.difference.of(section, entryName(change, chain));
}

function entryName({ section, key }: Change, chain: Chain): string {
  if (section === "links") {
    const link = find(chain, "links", key) as Link;
    return t.value.difference.link(named(chain, link.supplier), named(chain, link.customer), t.value.relation[link.relation]);
  }
  if (section === "rates") return day(key);
  const entry = section === "site" || section === "holidays" ? undefined : find(chain, section, key);
  return nameOf(entry && "name" in entry ? entry.name : null, key);
}

const LABELS: Readonly<Record<string, () => string>> = {
  name: () => `${t.value.field.nameEn} / ${t.value.field.nameZh}`,
  timezone: () => t.value.field.timezone,
  currency: () => t.value.field.currency,
  kind: () => t.value.field.kind,
  owner: () => t.value.field.owner,
  line: () => t.value.field.line,
  process: () => t.value.field.process,
  stop_grace: () => t.value.field.grace,
  standard: () => t.value.field.standard,
  severity: () => t.value.field.severity,
  origin: () => t.value.field.origin,
  inspected_by: () => t.value.field.inspectors,
  pictogram: () => t.value.field.pictogram,
  group: () => t.value.field.group,
  from: () => t.value.field.from,
  until: () => t.value.field.until,
  days: () => t.value.field.days,
  breaks: () => t.value.field.breaks,
  holidays: () => t.value.field.holidays,
};
export const fieldLabel = (field: string): string => LABELS[field]?.() ?? field;

/** A value as a person reads it; `chain` gives ids their names. */
export function valueText({ field }: FieldChange, value: unknown, chain: Chain): string {
  if (value === null || value === undefined || value === "") return t.value.difference.nothing;
  if (field === "name") return [(value as Name).en, (value as Name).zh].join(" / ");
  if (field === "stop_grace") return span(value as number);
  if (field === "severity") return d.value.severity[value as keyof typeof d.value.severity];
  if (field === "kind") return t.value.kind[value as "step" | "function"];
  if (field === "relation") return t.value.relation[value as Relation];
  if (field === "rules") return t.value.difference.rules((value as readonly unknown[]).length);
  if (field === "days") return (value as readonly (keyof typeof t.value.day)[]).map((each) => t.value.day[each]).join(" ");
  if (Array.isArray(value)) return value.length === 0 ? t.value.difference.nothing : value.map((each) => named(chain, String(each))).join(", ");
  if (typeof value === "number") return number(value);
  if (typeof value === "object") return Object.entries(value).map(([key, each]) => `${named(chain, key)} ${String(each)}`).join(", ");
  return field === "owner" && !find(chain, "processes", String(value)) ? roleName(String(value)) : named(chain, String(value));
}
