/** One complaint as the server tells it to this person: the whole document, its history, and what he may do. */
import type { Answer, Card } from "../live/model";
import { isCommand } from "../i18n/desk";
import { address, ask } from "../session/api";
import { FIELDS } from "./commands";

export interface Happened {
  readonly seq: number;
  readonly at: string;
  readonly occurred_at: string;
  readonly kind: string;
  readonly said: Readonly<Record<string, unknown>>;
  readonly changed: Readonly<Record<string, unknown>>;
  readonly role?: string;
  readonly reason?: string;
  readonly detail?: string;
}

export interface Document {
  readonly sha256: string;
  readonly name: string;
}

export interface Whole extends Card {
  readonly note: string | null;
  readonly lot: string | null;
  readonly photos: readonly string[];
  readonly answer: Answer | null;
  readonly containment: {
    readonly what: string;
    readonly where: string;
    readonly qty_sorted?: number | null;
    readonly qty_bad?: number | null;
  } | null;
  readonly attributions: readonly {
    readonly at: string;
    readonly made_at: string | null;
    readonly basis: string;
    readonly attribution: Card["attribution"];
  }[];
  readonly history: readonly Happened[];
  readonly commands: readonly string[];
}

export const fetchWhole = (id: string): Promise<Whole> => ask<Whole>("GET", `/complaints/${encodeURIComponent(id)}`);

const bare = (hash: string): string => hash.replace(/^sha256:/, "");
export const photoAddress = (photo: string): string => address(`/photos/${bare(photo)}`);
export const documentAddress = (document: Document): string => address(`/attachments/${bare(document.sha256)}`);
/** The page of a complaint, and the tag that holds its goods. */
export const pageOf = (id: string): string => `/desk/complaints/${encodeURIComponent(id)}`;
export const tagOf = (id: string): string => `${pageOf(id)}/tag`;
/** What people call a complaint by word of mouth: the end of its id, which chance alone has made. */
export const shortId = (id: string): string => id.replaceAll("-", "").slice(-8).toUpperCase().replace(/(.{4})/, "$1-");

/** Photos and documents that came with a row. */
export const photosOf = (row: Happened): readonly string[] => (row.said["photos"] ?? []) as readonly string[];
export const documentsOf = (row: Happened): readonly Document[] => (row.said["documents"] ?? []) as readonly Document[];

/** Fields of a row that are machinery and say nothing to a reader. */
const SILENT = new Set(["v", "at", "boot", "seq", "kind", "complaint", "drill", "replay", "photos", "serials", "id", "age_ms", "name"]);

/** What was said in a row, as field and text. */
export function words(row: Happened): readonly (readonly [string, string])[] {
  const said = Object.entries(row.said).flatMap(([field, value]): [string, string][] =>
    SILENT.has(field) || value === null || value === "" || typeof value === "object" ? [] : [[field, String(value)]],
  );
  const level = row.kind === "escalated" ? row.changed["level"] : undefined;
  const asked = isCommand(row.kind) ? FIELDS[row.kind].map(({ name }) => name as string) : [];
  // In the order of the form, which is that of thinking; the server keeps none.
  const place = (field: string) => (asked.includes(field) ? asked.indexOf(field) : asked.length);
  return [...said, ...(typeof level === "number" ? [["level", String(level)] as const] : [])].sort((a, b) => place(a[0]) - place(b[0]));
}
