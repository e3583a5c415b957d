/** Which clock of a complaint runs, how far it is, and against what. Pure: the time is an argument. */
import type { Card, Clock, State } from "./model";

/** The clock that a state waits on; states that wait for nobody have none. */
const WAITS_FOR: { readonly [S in State]: Clock | null } = {
  open: "acknowledge",
  acknowledged: "arrive",
  arrived: "contain",
  contained: "answer",
  answered: null,
  closed: null,
  withdrawn: null,
  merged: null,
};

/** The clock that a complaint waits on: a call only asks to come, a late response only for an answer. */
function waitsFor({ kind, state }: Pick<Card, "kind" | "state">): Clock | null {
  if (kind === "late-response") return state === "open" ? "answer" : null;
  const clock = WAITS_FOR[state];
  return kind === "call" && (clock === "contain" || clock === "answer") ? null : clock;
}

export interface Running {
  readonly clock: Clock;
  /** Seconds since the round began. */
  readonly elapsed: number;
  /** Seconds that the standard allows, or null where there is none. */
  readonly limit: number | null;
  /** Seconds over the limit; 0 while within it. */
  readonly over: number;
}

export function running(card: Card, now: number): Running | null {
  const clock = waitsFor(card);
  if (!clock) return null;
  const began = Date.parse(card.round_started_at);
  const due = card.due[clock];
  const elapsed = Math.max(0, (now - began) / 1000);
  const limit = due === undefined ? null : (Date.parse(due) - began) / 1000;
  return { clock, elapsed, limit, over: limit === null ? 0 : Math.max(0, elapsed - limit) };
}

export interface Stage {
  readonly clock: Clock;
  /** Seconds that it took, or takes so far while `running`; null when it has not begun. */
  readonly taken: number | null;
  readonly limit: number;
  readonly over: number;
  readonly running: boolean;
}

const DONE_AT = {
  acknowledge: "acknowledged_at",
  arrive: "arrived_at",
  contain: "contained_at",
  answer: "answered_at",
} as const satisfies { readonly [C in Clock]: keyof Card };

/** Every clock that the standard sets for this round, in their order: what was taken of it. */
export function stages(card: Card, now: number): readonly Stage[] {
  const began = Date.parse(card.round_started_at);
  const waiting = running(card, now)?.clock;
  return (Object.keys(DONE_AT) as Clock[]).flatMap((clock): Stage[] => {
    const due = card.due[clock];
    if (due === undefined) return [];
    const done = card[DONE_AT[clock]];
    const at = clock === waiting ? now : done && Date.parse(done) >= began ? Date.parse(done) : null;
    const limit = (Date.parse(due) - began) / 1000;
    const taken = at === null ? null : Math.max(0, (at - began) / 1000);
    return [{ clock, taken, limit, over: Math.max(0, (taken ?? 0) - limit), running: clock === waiting }];
  });
}

/** The instant at which something is due next, in milliseconds; what has no clock comes last. */
export function dueNext(card: Card): number {
  const clock = waitsFor(card);
  const due = clock && card.due[clock];
  return due ? Date.parse(due) : Number.POSITIVE_INFINITY;
}

/** How long it has been going on, in seconds, for the customer who waits. */
export function waited(card: Card, now: number): number {
  return Math.max(0, (now - Date.parse(card.occurred_at)) / 1000);
}

/** Nobody has said that he is on the way. */
export const unanswered = (card: Card): boolean => card.state === "open";

/** Somebody must still come or act at the place: what makes a tile an alarm. */
export const inAlarm = (card: Card): boolean =>
  card.kind !== "late-response" && (card.state === "open" || card.state === "acknowledged" || card.state === "arrived");
