/** Presses on their way to the agent. Each is written here first and leaves only when the agent has saved it. */
import { shallowRef, type ShallowRef } from "vue";
import type { PressBody } from "./model";
import { FOR_GOOD, PATIENCE_MS, RETRY_MS } from "./sending";
import { storage, type Kept } from "./storage";

const REMEMBERED_MS = 600_000;

/** How long ago it was pressed, in ms: by the page's clock while it is the same page, else by the wall clock. */
export function age(kept: Kept, page: number, steady: number, wall: number): number {
  return Math.max(0, Math.round(kept.page === page ? steady - kept.steady : wall - kept.wall));
}

export class PressQueue {
  readonly waiting: ShallowRef<readonly Kept[]> = shallowRef([]);
  /** What the agent took since the page was opened, until its own document shows it. */
  readonly taken: ShallowRef<readonly Kept[]> = shallowRef([]);
  #sending = false;
  #timer = 0;

  constructor(private readonly station: string) {
    void this.#load();
  }

  async #load(): Promise<void> {
    const stored = (await (await storage())?.getAll("presses")) ?? [];
    const known = new Set(this.waiting.value.map((kept) => kept.id));
    const older = stored.filter((kept) => kept.station === this.station && !known.has(kept.id));
    this.waiting.value = [...older, ...this.waiting.value];
    void this.send();
  }

  /** Keeps a press and sends it; resolves once it is kept. */
  async add(body: PressBody): Promise<void> {
    const page = performance.timeOrigin;
    const kept: Kept = { id: body.id, station: this.station, body, wall: Date.now(), page, steady: performance.now() };
    this.waiting.value = [...this.waiting.value, kept];
    try {
      await (await storage())?.put("presses", kept);
    } catch (error) {
      // A full disk: the page's memory has it, and the agent is told at once as ever.
      console.warn("this press is kept in memory only", error);
    }
    void this.send();
  }

  /** Sends what waits, oldest first, one at a time: a withdrawal must not overtake its press. */
  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      for (let next = this.#next(); next; next = this.#next()) await this.#post(next);
    } catch {
      // The agent cannot be reached: the page says so from its own ear, and the presses stay here.
      this.#timer = window.setTimeout(() => void this.send(), RETRY_MS);
    } finally {
      this.#sending = false;
    }
  }

  async dismiss(id: string): Promise<void> {
    this.waiting.value = this.waiting.value.filter((kept) => kept.id !== id);
    await (await storage())?.delete("presses", id);
  }

  /** Forgets what the agent's document shows by now; withdrawals later, because it does not say what they withdrew. */
  shown(ids: ReadonlySet<string>): void {
    const left = this.taken.value.filter((kept) =>
      kept.body.kind === "withdraw" ? Date.now() - kept.wall < REMEMBERED_MS : !ids.has(kept.id),
    );
    if (left.length < this.taken.value.length) this.taken.value = left;
  }

  #next(): Kept | undefined {
    return this.waiting.value.find((kept) => !kept.refused);
  }

  async #post(kept: Kept): Promise<void> {
    const age_ms = age(kept, performance.timeOrigin, performance.now(), Date.now());
    const answer = await fetch(`/api/stations/${encodeURIComponent(kept.station)}/presses`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...kept.body, age_ms }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) {
      this.taken.value = [...this.taken.value, kept];
      await this.dismiss(kept.id);
    } else if (FOR_GOOD.has(answer.status)) {
      await this.#refuse(kept, await answer.text());
    } else throw new Error(`the agent answered ${answer.status}`);
  }

  async #refuse(kept: Kept, why: string): Promise<void> {
    const refused: Kept = { ...kept, refused: why || "?" };
    this.waiting.value = this.waiting.value.map((other) => (other.id === kept.id ? refused : other));
    await (await storage())?.put("presses", refused);
  }
}
