/** An item in words: what it is about, how far it has come, and its clock against the standard. */
import { clock } from "../i18n/format";
import { d, roleName } from "../i18n/domain";
import { nameOf } from "../i18n/language";
import { t } from "../i18n/station";
import { running, type Running } from "../live/clocks";
import type { Setup } from "./model";
import type { Item } from "./track";

/** The clock of the server's card; before there is one, the time against the standard of the first answer. */
export function clockOf(item: Item, setup: Setup | null, now: number): Running | null {
  if (item.card) return running(item.card, now);
  if (item.stage === "closed") return null;
  const limit = setup?.standards[item.kind]?.acknowledge ?? null;
  const elapsed = Math.max(0, (now - Date.parse(item.at)) / 1000);
  return { clock: "acknowledge", elapsed, limit, over: limit === null ? 0 : Math.max(0, elapsed - limit) };
}

/** The ticks in words. */
export function tickText(item: Item): string {
  const words = t.value.tick;
  if (item.stage !== "acknowledged") return words[item.stage];
  const role = roleName(item.card?.acknowledged_role);
  return role ? words.acknowledged(role) : words.acknowledgedBy;
}

export function clockText(run: Running): string {
  const words = t.value.tick;
  return run.over > 0 ? words.late(clock(run.over)) : clock(run.elapsed);
}

/** What it is about: the defect; of a call its function, of a stop its cause, of a late response the limit; or nothing yet. */
export function about(item: Item, setup: Setup | null): string {
  const names = item.card?.names;
  if (item.kind === "call") return supplierText(item, setup);
  if (item.kind === "late-response") return (d.value.clock as Words)[item.card?.about?.clock ?? ""] ?? "";
  const defect = item.defect && item.defect !== "unclassified" ? item.defect : null;
  const tile = [...(setup?.defects ?? []), ...(setup?.own_defects ?? [])].find((known) => known.code === defect);
  if (defect) return nameOf(names?.["defect"] ?? tile?.name, defect);
  return item.kind === "stop" && isKnown(item) ? supplierText(item, setup) : "";
}

type Words = Readonly<Record<string, string>>;

/** The kind in words. */
export const kindText = (item: Item): string => (d.value.kind as Words)[item.kind] ?? item.kind;

/** Both, as a heading. */
export function titleOf(item: Item, setup: Setup | null): string {
  const what = about(item, setup);
  return what ? d.value.kindOf(kindText(item), what) : kindText(item);
}

/** Whether somebody has said whose output it was. */
export const isKnown = (item: Item): boolean =>
  ![undefined, null, "unclassified"].includes(item.card ? (item.card.made_at ?? item.card.supplier) : item.supplier);

/** Whose output it was; empty as long as nobody said. */
export function supplierText(item: Item, setup: Setup | null): string {
  const id = item.card ? (item.card.made_at ?? item.card.supplier) : item.supplier;
  if (!id) return item.card ? d.value.noDefectFound : "";
  if (id === "unclassified") return d.value.unclassified;
  const known = [...(setup?.upstream ?? []), ...(setup?.suppliers ?? []), ...(setup?.calls ?? [])];
  const name = id === item.card?.supplier ? item.card.names["supplier"] : item.card?.names["made_at"];
  return nameOf(name ?? known.find((process) => process.id === id)?.name, id);
}
