/** One list of what this station said and how far each has come, from the page's queue, the agent and the server. Pure. */
import type { State } from "../live/model";
import type { Kept } from "./storage";
import type { AgentDocument, StationCard } from "./model";

export type Stage = "kept" | "saved" | "recorded" | "acknowledged" | "arrived" | "contained" | "answered" | "closed";

export interface Item {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly stage: Stage;
  readonly defect: string | null;
  readonly supplier: string | null;
  /** The server's view, once there is one. */
  readonly card: StationCard | null;
}

const OPENING = new Set(["reject", "stop", "call"]);
/** A press that the server recorded but that is no complaint of its own was added to another; it is shown this long. */
const LINGER_MS = 10_000;

const STAGE: { readonly [S in State]: Stage } = {
  open: "recorded",
  acknowledged: "acknowledged",
  arrived: "arrived",
  contained: "contained",
  answered: "answered",
  closed: "closed",
  withdrawn: "closed",
  merged: "closed",
};

/** Newest first: what only this tablet or the agent knows, then the server's complaints. */
export function track(
  document: AgentDocument | null,
  waiting: readonly Kept[],
  taken: readonly Kept[],
  now: number,
): readonly Item[] {
  const withdrawn = withdrawals(document, waiting, taken);
  const cards = (document?.state?.complaints ?? []).filter((card) => !withdrawn.has(card.id)).map(ofCard);
  const seen = new Set(cards.map((item) => item.id));
  const fresh: Item[] = [];
  const add = (item: Item) => {
    if (seen.has(item.id) || withdrawn.has(item.id) || !OPENING.has(item.kind)) return;
    seen.add(item.id);
    fresh.push(item);
  };
  for (const press of document?.presses ?? []) {
    if (press.recorded && now - Date.parse(press.at) > LINGER_MS) continue;
    const { id, kind, at, recorded } = press;
    const stage = recorded ? "recorded" : "saved";
    add({ id, kind, at, stage, defect: press.defect ?? null, supplier: press.supplier ?? null, card: null });
  }
  for (const kept of taken) add(ofKept(kept, "saved"));
  for (const kept of waiting) if (!kept.refused) add(ofKept(kept, "kept"));
  return [...fresh, ...cards].sort((a, b) => b.at.localeCompare(a.at));
}

function withdrawals(
  document: AgentDocument | null,
  waiting: readonly Kept[],
  taken: readonly Kept[],
): ReadonlySet<string> {
  const refused = new Set(document?.parked.map((parked) => parked.event));
  const own = [...waiting, ...taken].map((kept) => kept.body);
  const good = own.filter((body) => body.kind === "withdraw" && !refused.has(body.id));
  return new Set(good.flatMap((body) => body.complaint ?? []));
}

function ofCard(card: StationCard): Item {
  const { id, kind, defect, supplier } = card;
  return { id, kind, at: card.occurred_at, stage: STAGE[card.state], defect, supplier, card };
}

function ofKept(kept: Kept, stage: Stage): Item {
  const { id, kind, defect, supplier } = kept.body;
  const at = new Date(kept.wall).toISOString();
  return { id, kind, at, stage, defect: defect ?? null, supplier: supplier ?? null, card: null };
}

/** How many presses nobody but this place has: in the page's queue and in the agent's outbox. */
export function unheard(document: AgentDocument | null, waiting: readonly Kept[]): number {
  return (document?.outbox.waiting ?? 0) + waiting.filter((kept) => !kept.refused).length;
}

/** The stop that fills the screen: my newest one that still holds the line, or has not yet been judged by the server. */
export function stopOf(items: readonly Item[]): Item | null {
  return (
    items.find((item) => {
      if (item.kind !== "stop") return false;
      const state = item.card?.stop?.state;
      return item.card === null || state === "pending" || state === "stopped";
    }) ?? null
  );
}
