/** What the tablet itself keeps, through reloads and power cuts: presses and photos on their way, and what was last heard. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { AgentDocument, PressBody } from "./model";

export interface Kept {
  readonly id: string;
  readonly station: string;
  readonly body: PressBody;
  /** Wall clock, for an age that survives a reload; and the page's own clock, which nobody can set. */
  readonly wall: number;
  readonly page: number;
  readonly steady: number;
  /** Why the agent would not take it; then it is shown and not sent again. */
  readonly refused?: string;
}

export interface KeptPhoto {
  /** `sha256:…`, as an event names it. */
  readonly name: string;
  readonly photo: Blob;
}

interface Schema extends DBSchema {
  presses: { key: string; value: Kept };
  photos: { key: string; value: KeptPhoto };
  /** The agent's last document of each station. */
  documents: { key: string; value: AgentDocument };
}
export type Storage = IDBPDatabase<Schema>;

function open(): Promise<Storage> {
  return openDB<Schema>("threenos-station", 2, {
    upgrade: (db, before) => {
      if (before < 1) db.createObjectStore("presses", { keyPath: "id" });
      db.createObjectStore("photos", { keyPath: "name" });
      db.createObjectStore("documents", { keyPath: "station" });
    },
    // A newer page in another tab wants to change the stores: it is not kept waiting.
    blocking: (_now, _then, event) => (event.target as IDBDatabase).close(),
  });
}

let opened: Promise<Storage | null> | undefined;

/** Storage that lasts, or null where the browser has none (private windows): then the page's memory has to do. */
export function storage(): Promise<Storage | null> {
  opened ??= open().catch((error: unknown) => {
    console.warn("no IndexedDB: presses are kept in memory only", error);
    return null;
  });
  return opened;
}

/** Asks the browser not to clear any of it when the device runs short of space. */
export async function askToLast(): Promise<void> {
  await navigator.storage?.persist?.();
}
