/** What went wrong, in words: what happened, what was kept, what to do; and the state of asking and of doing. */
import { onScopeDispose, shallowRef, type ShallowRef } from "vue";
import { hintFor, t } from "../../i18n/admin";
import { Refusal, type Problem } from "../../session/api";
import { doing, type Doing } from "../../session/doing";

export interface Trouble {
  readonly said: string;
  readonly details: readonly string[];
}

const WORDS: { readonly [status: number]: keyof typeof t.value.trouble } = {
  401: "signedOut",
  403: "forbidden",
  404: "gone",
  409: "conflict",
  422: "invalid",
  429: "tooMany",
};

/** Words of a page's own for a status that means something special there. */
export type Instead = { readonly [status: number]: () => string };

export function explain(error: unknown, instead: Instead = {}): Trouble {
  if (!(error instanceof Refusal)) return { said: t.value.trouble.away, details: [] };
  const { problem } = error;
  const word = WORDS[problem.status] ?? "broken";
  const own = instead[problem.status]?.();
  // What the page says of a password that is not right is all there is to say; the server's words are in English.
  if (own && problem.status === 403) return { said: own, details: [] };
  return { said: own ?? (t.value.trouble[word] as string), details: detailsOf(problem) };
}

/** Each fault in the language of the page where we have words for its field, else as the server wrote it. */
function detailsOf(problem: Problem): string[] {
  const hints = (problem.errors ?? []).map((fault) => {
    const field = fault.pointer?.split("/").at(-1) ?? "";
    return hintFor(field) ?? t.value.trouble.server(fault.detail);
  });
  if (hints.length === 0 && problem.detail && problem.status !== 401) hints.push(t.value.trouble.server(problem.detail));
  return [...new Set(hints)];
}

export interface Asked<T> {
  readonly rows: Readonly<ShallowRef<T | null>>;
  readonly trouble: Readonly<ShallowRef<Trouble | null>>;
  reload(): Promise<void>;
}

/** Asks at once, again on `reload`, and every `everySeconds` where the page shows what changes by itself. */
export function useAsked<T>(fetch: () => Promise<T>, everySeconds = 0): Asked<T> {
  const rows = shallowRef<T | null>(null);
  const trouble = shallowRef<Trouble | null>(null);
  let turn = 0;
  async function reload(): Promise<void> {
    const mine = ++turn;
    try {
      const found = await fetch();
      if (mine !== turn) return;
      rows.value = found;
      trouble.value = null;
    } catch (error) {
      if (mine === turn) trouble.value = explain(error);
    }
  }
  void reload();
  if (everySeconds > 0) {
    const timer = setInterval(() => void (document.hidden || reload()), everySeconds * 1000);
    onScopeDispose(() => clearInterval(timer));
  }
  return { rows, trouble, reload };
}

export const useDoing = (instead: Instead = {}): Doing<Trouble> => doing((error) => explain(error, instead));
