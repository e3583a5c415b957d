/** Values for tests: a card with every field, of which a test says only what it is about. */
import type { Card } from "../../src/live/model";

export const T0 = Date.parse("2026-11-22T02:00:00.000Z");
export const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

export function card(given: Partial<Card> = {}): Card {
  return {
    id: "0199a3c0-0000-7000-8000-000000000001",
    kind: "reject",
    state: "open",
    version: 1,
    round: 1,
    line: "body",
    station: "welding-1",
    customer: "welding",
    supplier: "stamping",
    made_at: "stamping",
    attribution: "suspected",
    basis: "defect-origin",
    proposed_made_at: null,
    passed_by: [],
    stages: 1,
    relation: "process",
    defect: "scratch",
    severity: "major",
    qty: null,
    repeats: 0,
    presses: 1,
    part: null,
    drill: false,
    replay: false,
    occurred_at: at(0),
    received_at: at(0),
    acknowledged_at: null,
    arrived_at: null,
    contained_at: null,
    answered_at: null,
    closed_at: null,
    acknowledged_role: null,
    round_started_at: at(0),
    due: { acknowledge: at(180), arrive: at(600), contain: at(3600) },
    ladder: [],
    level: -1,
    late: [],
    stop: null,
    containment: null,
    rating: null,
    names: {},
    ...given,
  };
}
