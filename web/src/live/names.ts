/** Names on the board: of a process from the chain as it is, of a complaint as they were when it was raised. */
import { d } from "../i18n/domain";
import { nameOf, type Name } from "../i18n/language";
import type { Card, Snapshot } from "./model";

export function processName(board: Snapshot, id: string | null): string {
  if (id === null) return d.value.noDefectFound;
  if (id === "unclassified") return d.value.unclassified;
  return nameOf(board.processes.find((process) => process.id === id)?.name, id);
}

/** What it is about: the defect; of a call the function, of a stop its cause, of a late response the limit. */
export function aboutCard(board: Snapshot, card: Card): string {
  if (card.kind === "call") return processName(board, card.supplier);
  if (card.defect && card.defect !== "unclassified") return nameOf(card.names["defect"], card.defect);
  if (card.kind === "late-response") return (d.value.clock as Readonly<Record<string, string>>)[card.about?.clock ?? ""] ?? "";
  return card.kind === "stop" ? charged(board, card) : d.value.unclassified;
}

/** Kind and what it is about; the kind alone as long as nobody said more. */
export function titleOf(board: Snapshot, card: Card): string {
  const about = card.kind === "stop" && !card.defect && !isCharged(card) ? "" : aboutCard(board, card);
  return about ? d.value.kindOf(d.value.kind[card.kind], about) : d.value.kind[card.kind];
}

/** Whether somebody is charged with it: not while it is unclassified. */
export const isCharged = (card: Card): boolean => (card.made_at ?? card.supplier) !== "unclassified";

export const namedIn = (card: Card, part: "line" | "station" | "customer", fallback: string): string =>
  nameOf(card.names[part] as Name | null | undefined, fallback);

export const charged = (board: Snapshot, card: Card): string =>
  processName(board, card.made_at === null ? null : (card.made_at ?? card.supplier));
