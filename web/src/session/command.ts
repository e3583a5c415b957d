/** One command for a complaint: given once, however often the network makes us ask; and what came of it. */
import type { Card } from "../live/model";
import { ask, Refusal, type Problem } from "./api";

export type Outcome =
  | { readonly is: "done" }
  /** Somebody was faster; `present` is how it stands. */
  | { readonly is: "conflict"; readonly present: Readonly<Record<string, unknown>> }
  | { readonly is: "refused"; readonly problem: Problem }
  | { readonly is: "away" };

type Judged = Pick<Card, "state" | "round" | "made_at" | "attribution" | "defect" | "qty">;
type Target = Pick<Card, "id" | "version" | "line"> & Judged;

/** What a person judges by. The clocks move a complaint's version too, and nobody was faster then. */
const JUDGED_BY: readonly (keyof Judged)[] = ["state", "round", "made_at", "attribution", "defect", "qty"];

export const looksTheSame = (seen: Judged, present: Readonly<Record<string, unknown>>): boolean =>
  JUDGED_BY.every((field) => seen[field] === present[field]);

/** These two are about the line; the complaint is named in the body. */
const ON_LINE = new Set(["override", "release"]);
/** What somebody says beside a complaint is never too late. */
const OF_ANY_VERSION = new Set(["comment"]);

const key = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function give(seen: Target, command: string, fields: object): Promise<Outcome> {
  const outcome = await once(seen, seen.version, command, fields);
  if (outcome.is !== "conflict" || !looksTheSame(seen, outcome.present)) return outcome;
  const { version } = outcome.present;
  return typeof version === "number" && version !== seen.version ? once(seen, version, command, fields) : outcome;
}

async function once({ id, line }: Target, version: number, command: string, fields: object): Promise<Outcome> {
  const onLine = ON_LINE.has(command);
  const path = onLine ? `/lines/${line}/${command}` : `/complaints/${id}/${command}`;
  const body = onLine ? { complaint: id, ...fields } : fields;
  try {
    await ask("POST", path, { body, idempotencyKey: key(), ...(OF_ANY_VERSION.has(command) ? {} : { version }) });
    return { is: "done" };
  } catch (error) {
    if (!(error instanceof Refusal)) return { is: "away" };
    const { problem } = error;
    if (problem.status === 409 && problem.present) return { is: "conflict", present: problem.present };
    return { is: "refused", problem };
  }
}
