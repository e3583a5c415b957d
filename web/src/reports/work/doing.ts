/** Doing something with actions, 8D or packs: what goes wrong is worded as theirs, where it differs from a report's. */
import { w } from "../../i18n/reports-work";
import { Refusal } from "../../session/api";
import { doing, type Doing } from "../../session/doing";
import { explain, type Trouble } from "../ask/trouble";

const WORDS: { readonly [status: number]: keyof typeof w.value.trouble } = { 403: "forbidden", 409: "conflict", 412: "conflict", 422: "invalid" };

export const useDoing = (): Doing<Trouble> => doing(worded);

function worded(error: unknown): Trouble {
  const word = error instanceof Refusal ? WORDS[error.problem.status] : undefined;
  return { ...explain(error), without: [], ...(word ? { said: w.value.trouble[word] } : {}) };
}
