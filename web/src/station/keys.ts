/** Keypad and scanner on one keyboard: a scanner types fast and ends with Enter, a thumb presses one key. */
import { onScopeDispose } from "vue";

/** Two keys closer than this come from a scanner; no thumb is that fast. */
export const SCANNER_GAP_MS = 50;
const SHORTEST_CODE = 4;

export interface KeyHandlers {
  /** A single key, after it is sure that no scanner is typing: `1`…`9`, `0`, `Escape`, `+`, `-`. */
  readonly key?: (key: string) => void;
  readonly released?: (key: string) => void;
  readonly scan?: (code: string) => void;
}

export class KeyReader {
  #typed = "";
  #last = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly told: KeyHandlers) {}

  /** True when the key ended a scan: then its Enter must not also press the button that has the focus. */
  down(key: string, now: number): boolean {
    clearTimeout(this.#timer);
    if (now - this.#last > SCANNER_GAP_MS) this.#typed = "";
    this.#last = now;
    if (key === "Enter") {
      const code = this.#typed;
      this.#typed = "";
      if (code.length < SHORTEST_CODE) return false;
      this.told.scan?.(code);
      return true;
    }
    if (key.length === 1) {
      this.#typed += key;
      if (this.#typed.length === 1) this.#timer = setTimeout(() => this.told.key?.(key), SCANNER_GAP_MS);
    } else this.told.key?.(key);
    return false;
  }

  up(key: string): void {
    this.told.released?.(key);
  }
}

const listeners: KeyHandlers[] = [];
const reader = new KeyReader({
  key: (key) => listeners.at(-1)?.key?.(key),
  released: (key) => listeners.at(-1)?.released?.(key),
  scan: (code) => listeners.at(-1)?.scan?.(code),
});

const inField = (event: KeyboardEvent) => event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;

export function readKeyboard(): void {
  window.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || (inField(event) && event.key !== "Escape")) return;
    // The key's own time: a busy page hands over a scanner's keys late and in a bunch.
    if (reader.down(event.key, event.timeStamp)) event.preventDefault();
  });
  window.addEventListener("keyup", (event) => reader.up(event.key));
}

/** The screen on top gets the keys; it gives them back when it goes. */
export function onKeys(handlers: KeyHandlers): void {
  listeners.push(handlers);
  onScopeDispose(() => void listeners.splice(listeners.indexOf(handlers), 1));
}
