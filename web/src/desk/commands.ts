/** What each command needs to be told. The server decides who may give it; this page only asks for its fields. */
import type { CommandName, FieldName } from "../i18n/desk";

export interface Field {
  readonly name: FieldName;
  readonly as: "line" | "text" | "number" | "date" | "process" | "decision" | "complaint" | "stars" | "verdict";
  readonly optional?: boolean;
  /** Asked only when another field has this value; left out of the body otherwise. */
  readonly when?: readonly [FieldName, string];
}

const REASON: Field = { name: "reason", as: "text" };

export const FIELDS: { readonly [C in CommandName]: readonly Field[] } = {
  acknowledge: [],
  arrive: [{ name: "code", as: "line" }],
  contain: [
    { name: "what", as: "text" },
    { name: "where", as: "line" },
    { name: "qty_sorted", as: "number", optional: true },
    { name: "qty_bad", as: "number", optional: true },
  ],
  dispose: [
    { name: "decision", as: "decision" },
    { name: "concession_by", as: "process", when: ["decision", "concession"] },
    { name: "qty", as: "number", optional: true },
    { name: "hours", as: "number", optional: true },
    { name: "note", as: "text", optional: true },
  ],
  answer: [
    { name: "cause_made", as: "text" },
    { name: "cause_missed", as: "text" },
    { name: "countermeasure", as: "text" },
    { name: "owner", as: "line" },
    { name: "due_on", as: "date" },
  ],
  accept: [
    { name: "rating", as: "stars" },
    { name: "note", as: "text", optional: true },
  ],
  decline: [REASON],
  reopen: [REASON],
  withdraw: [REASON],
  dispute: [REASON, { name: "proposed_made_at", as: "process", optional: true }],
  rule: [{ name: "made_at", as: "verdict" }, REASON],
  merge: [{ name: "into", as: "complaint" }, REASON],
  // Has a form of its own, for its files.
  comment: [],
  override: [REASON],
  release: [],
};

/** What a select gives for "no defect found", which the server is told as null. */
export const NO_DEFECT = "-";

export type Draft = { [F in FieldName]?: string | number | undefined };

export const asked = (command: CommandName, draft: Draft): readonly Field[] =>
  FIELDS[command].filter(({ when }) => !when || draft[when[0]] === when[1]);

/** The body of the command from what was typed: empty optional fields are left out. */
export function bodyOf(command: CommandName, draft: Draft): Record<string, string | number | null> {
  const said = asked(command, draft).flatMap(({ name, as }): [string, string | number | null][] => {
    const value = draft[name];
    if (value === undefined || value === "") return [];
    if (as === "verdict" && value === NO_DEFECT) return [[name, null]];
    return [[name, as === "stars" || as === "number" ? Number(value) : value]];
  });
  return Object.fromEntries(said);
}
