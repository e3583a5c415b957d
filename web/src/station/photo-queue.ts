/** Photos on their way to the agent, by their hash. They travel beside the presses, so that no press waits for a picture. */
import { shallowRef, type ShallowRef } from "vue";
import { FOR_GOOD, PHOTO_PATIENCE_MS, RETRY_MS } from "./sending";
import { sha256 } from "./sha256";
import { storage, type KeptPhoto } from "./storage";

export class PhotoQueue {
  /** What the agent would never take, with its words. */
  readonly refused: ShallowRef<ReadonlyMap<string, string>> = shallowRef(new Map());
  #waiting: readonly KeptPhoto[] = [];
  #sending = false;
  #timer = 0;

  constructor() {
    void this.#load();
  }

  async #load(): Promise<void> {
    const stored = (await (await storage())?.getAll("photos")) ?? [];
    const known = new Set(this.#waiting.map(({ name }) => name));
    this.#waiting = [...stored.filter(({ name }) => !known.has(name)), ...this.#waiting];
    void this.send();
  }

  /** Keeps a photo, and gives the name by which an event speaks of it. The same photo is the same name, and kept once. */
  async keep(photo: Blob): Promise<string> {
    const name = `sha256:${sha256(new Uint8Array(await photo.arrayBuffer()))}`;
    const kept = { name, photo };
    try {
      await (await storage())?.put("photos", kept);
    } catch (error) {
      console.warn("this photo is kept in memory only", error);
    }
    this.#waiting = [...this.#waiting.filter((other) => other.name !== name), kept];
    void this.send();
    return name;
  }

  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      for (let next = this.#next(); next; next = this.#next()) await this.#post(next);
    } catch {
      // The agent cannot be reached, or has no room now: the photo stays here, and the page says from its own ear who is lost.
      this.#timer = window.setTimeout(() => void this.send(), RETRY_MS);
    } finally {
      this.#sending = false;
    }
  }

  async dismiss(name: string): Promise<void> {
    this.#waiting = this.#waiting.filter((kept) => kept.name !== name);
    this.refused.value = new Map([...this.refused.value].filter(([other]) => other !== name));
    await (await storage())?.delete("photos", name);
  }

  #next(): KeptPhoto | undefined {
    return this.#waiting.find(({ name }) => !this.refused.value.has(name));
  }

  async #post({ name, photo }: KeptPhoto): Promise<void> {
    const answer = await fetch("/api/photos", {
      method: "POST",
      headers: { "Content-Type": photo.type },
      body: photo,
      signal: AbortSignal.timeout(PHOTO_PATIENCE_MS),
    });
    if (answer.ok) await this.dismiss(name);
    else if (FOR_GOOD.has(answer.status)) this.refused.value = new Map([...this.refused.value, [name, await answer.text()]]);
    else throw new Error(`the agent answered ${answer.status}`);
  }
}
