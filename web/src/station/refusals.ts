/** What was refused: by the agent's page door, by the server at once (parked), or by the server later (in the state). Pure. */
import type { AgentDocument } from "./model";
import type { Kept } from "./queue";

export interface Refusal {
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
  /** Only what this page holds can be dismissed here. */
  readonly own: boolean;
}

export function refusedBy(document: AgentDocument | null, waiting: readonly Kept[]): readonly Refusal[] {
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
  return [...found.values()];
}
