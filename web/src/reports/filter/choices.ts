/** What each filter of the bar offers, and how it calls a value that may be gone from the chain by now. */
import { d } from "../../i18n/domain";
import { nameOf } from "../../i18n/language";
import { t } from "../../i18n/reports";
import { processName } from "../../live/names";
import type { Snapshot } from "../../live/model";
import type { Shift } from "../../desk/admin/api";
import type { Named } from "../ask/document";
import type { Narrowing } from "../ask/query";

export interface Choice {
  readonly id: string;
  readonly name: string;
}

/** What is not on the board: shifts of the calendar, and parts that were complained about. */
export interface Learnt {
  readonly shifts: readonly Shift[];
  readonly parts: readonly Named[];
}

const named = (words: object): Choice[] => Object.entries(words).map(([id, name]) => ({ id, name: String(name) }));
const unclassified = (): Choice => ({ id: "unclassified", name: d.value.unclassified });

export function choicesOf(filter: Narrowing, board: Snapshot, learnt: Learnt): readonly Choice[] {
  const processes = board.processes.map(({ id }) => ({ id, name: processName(board, id) }));
  switch (filter) {
    case "line":
      return board.lines.map(({ id, name }) => ({ id, name: nameOf(name, id) }));
    case "process":
    case "found_at":
      return processes;
    case "made_at":
      return [...processes, unclassified()];
    case "defect":
      return [...board.defects.map(({ code, name }) => ({ id: code, name: nameOf(name, code) })), unclassified()];
    case "part":
      return learnt.parts.map((part) => ({ id: part.id, name: part.id ? nameOf(part, part.id) : t.value.filter.noPart }));
    case "shift":
      return [...learnt.shifts.map(shift), { id: "", name: t.value.filter.noShift }];
    case "severity":
      return named(d.value.severity).reverse();
    case "kind":
      return named({ reject: d.value.kind.reject, stop: d.value.kind.stop });
  }
}

const shift = ({ id, name }: Shift): Choice => ({ id, name: typeof name === "string" ? name : nameOf(name, id) });

export function calledIn(choices: readonly Choice[], filter: Narrowing, value: string): string {
  if (value === "") return filter === "part" ? t.value.filter.noPart : t.value.filter.noShift;
  return choices.find(({ id }) => id === value)?.name ?? value;
}
