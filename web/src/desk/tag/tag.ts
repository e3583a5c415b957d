/** What stands on a hold tag. Pure; a name stands in both languages, once where they are the same. */
import { label, type Both } from "../../i18n/tag";
import type { Name } from "../../i18n/language";
import type { Snapshot } from "../../live/model";
import type { Whole } from "../complaint";

export interface Row {
  readonly label: Both;
  readonly text: string;
}

export function bothOf(name: Name | null | undefined, fallback: string): string {
  const [zh, en] = [name?.zh || "", name?.en || ""];
  if (!zh || !en || zh === en) return zh || en || fallback;
  return `${zh} ${en}`;
}

const said = ({ zh, en }: Both): string => `${zh} ${en}`;

function processOf(board: Snapshot, id: string | null): string {
  if (id === null) return said(label.noDefect);
  if (id === "unclassified") return said(label.unclassified);
  return bothOf(board.processes.find((process) => process.id === id)?.name, id);
}

function defectOf(complaint: Whole): string {
  const { defect, names } = complaint;
  return !defect || defect === "unclassified" ? said(label.unclassified) : bothOf(names["defect"], defect);
}

/** As a person in either language reads it: digits, and nothing that a language turns round. */
export function dateOf(at: string | null): string {
  if (!at) return "";
  const day = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())} ${two(day.getHours())}:${two(day.getMinutes())}`;
}

function quantityOf({ qty, containment }: Whole): string {
  const parts = [
    qty === null ? "" : String(qty),
    typeof containment?.qty_sorted === "number" ? `${said(label.sorted)} ${containment.qty_sorted}` : "",
    typeof containment?.qty_bad === "number" ? `${said(label.bad)} ${containment.qty_bad}` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** The rows of the tag, those that have something to say. */
export function rowsOf(board: Snapshot, complaint: Whole): readonly Row[] {
  const { names } = complaint;
  const rows: readonly Row[] = [
    { label: label.what, text: complaint.containment?.what ?? "" },
    { label: label.where, text: complaint.containment?.where ?? "" },
    { label: label.quantity, text: quantityOf(complaint) },
    { label: label.defect, text: defectOf(complaint) },
    { label: label.supplier, text: processOf(board, complaint.made_at) },
    { label: label.found, text: bothOf(names["station"], complaint.station) },
    { label: label.lot, text: [complaint.part, complaint.lot].filter(Boolean).join(", ") },
  ];
  return rows.filter(({ text }) => text !== "");
}
