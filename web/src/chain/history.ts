/** Undo and redo. Pure; changes of one field that follow each other are one step. */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last change was of. */
  readonly tag: string | null;
}

/** So many steps are kept. */
const KEPT = 200;

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [], tag: null });

/** `tag` names the field that is being typed into; without one, the change is a step of its own. */
export function commit<T>(history: History<T>, next: T, tag: string | null = null): History<T> {
  if (next === history.present) return history;
  const joined = tag !== null && tag === history.tag;
  const past = joined ? history.past : [...history.past, history.present].slice(-KEPT);
  return { past, present: next, future: [], tag };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], tag: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...rest] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.present], present: after, future: rest, tag: null };
}
