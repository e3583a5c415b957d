/** Where the guide stands, from what the system has by now: whoever comes back goes on where the other stopped. Pure. */

export const STEPS = ["administrator", "site", "line", "tablet", "drill"] as const;
export type Step = (typeof STEPS)[number];

export interface Known {
  /** Nobody administers the system yet. */
  readonly begins: boolean;
  /** The board of the site is there, so there is a chain. */
  readonly board: boolean;
  /** The site was named on this page. */
  readonly named: boolean;
  /** A station was heard; null while that is not known. */
  readonly heard: boolean | null;
  /** What was finished or skipped on this page. */
  readonly passed: ReadonlySet<Step>;
}

/** The step to be done now; `finish` after the last, null while it cannot be told. */
export function stepOf(known: Known): Step | "finish" | null {
  if (known.begins) return "administrator";
  if (!known.board) return known.named ? "line" : "site";
  if (known.passed.has("drill")) return "finish";
  if (known.passed.has("tablet")) return "drill";
  return known.heard === null ? null : "tablet";
}
