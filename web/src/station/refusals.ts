/** What was refused: by the agent's page door, by the server at once (parked), or by the server later (in the state). Pure. */
import type { AgentDocument } from "./model";
import type { Kept } from "./storage";

export interface Refusal {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
  /** Held by this page alone; the others stay parked in the station, whoever has seen them. */
  readonly own: boolean;
}

/** Reasons that say it all in words; the server's detail is for whoever looks into the others. */
const SAID = new Set(["unknown-complaint", "not-yours", "not-allowed", "not-authorized"]);
export const detailOf = ({ reason, detail }: Refusal): string => (SAID.has(reason) ? "" : detail);

/** What nobody at this tablet has seen yet. */
export function refusedBy(
  document: AgentDocument | null,
  waiting: readonly Kept[],
  seen: ReadonlySet<string> = new Set(),
  photos: ReadonlyMap<string, string> = new Map(),
): readonly Refusal[] {
  const found = new Map<string, Refusal>();
  for (const { event, kind, reason, detail } of document?.parked ?? [])
    found.set(event, { id: event, kind, reason, detail, own: false });
  for (const { id, reason, detail } of document?.state?.refused ?? []) {
    const key = id ?? detail;
    if (!found.has(key)) found.set(key, { id: key, kind: "", reason, detail, own: false });
  }
  for (const kept of waiting)
    if (kept.refused)
      found.set(kept.id, { id: kept.id, kind: kept.body.kind, reason: "schema", detail: kept.refused, own: true });
  for (const [id, detail] of photos) found.set(id, { id, kind: "photo", reason: "schema", detail, own: true });
  return [...found.values()].filter(({ id }) => !seen.has(id));
}
