/** The refusals that somebody at this tablet has read; they stay parked in the station, but cover the page no longer. */
import { ref } from "vue";

const KEY = "threenos.seen-refusals";
const REMEMBERED = 200;

function remembered(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    // Somebody else's text under our key: then nothing was seen, which shows too much rather than too little.
    return [];
  }
}

export const seen = ref<ReadonlySet<string>>(new Set());

/** Reads what the device remembers. */
export function recallSeen(): void {
  seen.value = new Set(remembered());
}

export function markSeen(id: string): void {
  const ids = [...seen.value, id].slice(-REMEMBERED);
  seen.value = new Set(ids);
  localStorage.setItem(KEY, JSON.stringify(ids));
}
