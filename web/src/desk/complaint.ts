/** One complaint as the server tells it to this person: the whole document, its history, and what he may do. */
import type { Answer, Card } from "../live/model";
import { ask } from "../session/api";

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

export interface Whole extends Card {
  readonly note: string | null;
  readonly lot: string | null;
  readonly photos: readonly string[];
  readonly answer: Answer | null;
  readonly history: readonly Happened[];
  readonly commands: readonly string[];
}

export const fetchWhole = (id: string): Promise<Whole> => ask<Whole>("GET", `/complaints/${encodeURIComponent(id)}`);

export const photoAddress = (photo: string): string => `/api/v1/photos/${photo.replace(/^sha256:/, "")}`;

/** Fields of a row that are machinery and say nothing to a reader. */
const SILENT = new Set(["v", "at", "boot", "seq", "kind", "complaint", "drill", "replay", "photos", "serials", "id", "age_ms", "name"]);

/** What was said in a row, as field and text. */
export const words = (row: Happened): readonly (readonly [string, string])[] =>
  Object.entries(row.said).flatMap(([field, value]) =>
    SILENT.has(field) || value === null || value === "" || typeof value === "object" ? [] : [[field, String(value)]],
  );
