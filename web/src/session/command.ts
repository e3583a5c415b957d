/** One command for a complaint: given once, however often the network makes us ask; and what came of it. */
import { ask, Refusal, type Problem } from "./api";

export type Outcome =
  | { readonly is: "done" }
  /** Somebody was faster; `present` is how it stands. */
  | { readonly is: "conflict"; readonly present: Readonly<Record<string, unknown>> }
  | { readonly is: "refused"; readonly problem: Problem }
  | { readonly is: "away" };

interface Target {
  readonly id: string;
  readonly version: number;
  readonly line: string;
}

/** These two are about the line; the complaint is named in the body. */
const ON_LINE = new Set(["override", "release"]);

const key = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function give(target: Target, command: string, fields: object): Promise<Outcome> {
  const onLine = ON_LINE.has(command);
  const path = onLine ? `/lines/${target.line}/${command}` : `/complaints/${target.id}/${command}`;
  const body = onLine ? { complaint: target.id, ...fields } : fields;
  try {
    await ask("POST", path, { body, version: target.version, idempotencyKey: key() });
    return { is: "done" };
  } catch (error) {
    if (!(error instanceof Refusal)) return { is: "away" };
    const { problem } = error;
    if (problem.status === 409 && problem.present) return { is: "conflict", present: problem.present };
    return { is: "refused", problem };
  }
}
