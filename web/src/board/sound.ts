/** Sounds of the board: a rising one for each new red, another for an escalation; a mute that ends by itself. */
import type { Card } from "../live/model";
import { holds } from "./tiles";

export const MUTE_MS = 5 * 60_000;

export interface Heard {
  readonly reds: ReadonlySet<string>;
  readonly levels: ReadonlyMap<string, number>;
}

export type Sound = "red" | "escalated";

/** What the board looked like, as far as sounds go. Drills and what was sent again after an outage make none. */
export function listenTo(cards: readonly Card[]): Heard {
  const loud = cards.filter((card) => !card.drill && !card.replay);
  return {
    reds: new Set(loud.filter((card) => card.kind === "stop" && holds(card)).map((card) => card.id)),
    levels: new Map(loud.map((card) => [card.id, card.level])),
  };
}

/** Which sounds the change from one board to the next makes. */
export function soundsOf(before: Heard, after: Heard): readonly Sound[] {
  const red = [...after.reds].some((id) => !before.reds.has(id));
  const escalated = [...after.levels].some(([id, level]) => level > 0 && level > (before.levels.get(id) ?? 0));
  return [...(red ? (["red"] as const) : []), ...(escalated ? (["escalated"] as const) : [])];
}

/** Tones as [frequency in Hz, start in s, length in s]. */
const TONES: { readonly [S in Sound]: readonly (readonly [number, number, number])[] } = {
  red: [
    [523, 0, 0.22],
    [659, 0.24, 0.22],
    [784, 0.48, 0.22],
    [1047, 0.72, 0.5],
  ],
  escalated: [
    [880, 0, 0.15],
    [660, 0.2, 0.15],
    [880, 0.4, 0.15],
    [660, 0.6, 0.3],
  ],
};

export class Speaker {
  #context: AudioContext | null = null;

  /** Whether the browser lets it sound; a browser without the kiosk flag wants a touch first. */
  get ready(): boolean {
    return this.#context?.state === "running";
  }

  /** To be called by a touch, or at the start where the browser allows it. */
  async wake(): Promise<void> {
    this.#context ??= new AudioContext();
    await this.#context.resume();
  }

  play(sound: Sound): void {
    const context = this.#context;
    if (context?.state !== "running") return;
    for (const [frequency, start, length] of TONES[sound]) {
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      const at = context.currentTime + start;
      tone.type = "triangle";
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.5, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
    }
  }
}
