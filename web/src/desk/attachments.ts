/** Files that go with a comment: what may be chosen, and handing it to the server, which names each by its hash. */
import { ask } from "../session/api";

export const TYPES = ["image/jpeg", "image/png", "image/webp", "application/pdf"] as const;
/** What the server takes of one file. */
export const MOST_BYTES = 8 * 1024 * 1024;
export const MOST_FILES = 10;

export type Unfit = "type" | "size" | "many";

/** Why a file cannot go along; null when it can. `chosen` is how many there are already. */
export function unfit(file: { readonly type: string; readonly size: number }, chosen: number): Unfit | null {
  if (chosen >= MOST_FILES) return "many";
  if (!(TYPES as readonly string[]).includes(file.type)) return "type";
  return file.size > MOST_BYTES ? "size" : null;
}

export interface Uploaded {
  readonly ref: string;
  readonly name: string;
  readonly photo: boolean;
}

export async function upload(file: File): Promise<Uploaded> {
  const kept = await ask<{ sha256: string; media_type: string }>("POST", "/attachments", { file });
  return { ref: `sha256:${kept.sha256}`, name: file.name.slice(0, 120) || "-", photo: kept.media_type.startsWith("image/") };
}

/** The fields of the comment that the files make. */
export const fieldsOf = (files: readonly Uploaded[]) => ({
  photos: files.filter(({ photo }) => photo).map(({ ref }) => ref),
  documents: files.filter(({ photo }) => !photo).map(({ ref, name }) => ({ sha256: ref, name })),
});
