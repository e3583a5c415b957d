/** Everything that the screens of one station share: what is known, what was said, and saying it. */
import { computed, inject, provide, ref, shallowRef, watch, type InjectionKey } from "vue";
import { ticking } from "../live/ticker";
import { listen, NOT_HEARD_MS } from "./agent";
import { IDLE, type Screen } from "./flow";
import type { AgentDocument, EventKind, PressBody } from "./model";
import { PhotoQueue } from "./photo-queue";
import { PressQueue } from "./queue";
import { refusedBy } from "./refusals";
import { seen } from "./seen";
import { stopOf, track, unheard } from "./track";
import { uuid7 } from "./uuid7";

export const UNDO_MS = 10_000;
const BADGE_MS = 60_000;

export interface Undoable {
  readonly id: string;
  readonly kind: "reject" | "stop" | "call" | "catch";
  readonly until: number;
}

type Fields = Omit<PressBody, "id" | "kind">;

/** Whole seconds in which it can still be taken back: ten at most, though the page's clock is a little behind. */
export const secondsLeft = (press: Undoable, now: number): number =>
  Math.min(UNDO_MS / 1000, Math.ceil((press.until - now) / 1000));

/** The server's clock beside the tablet's: each message is a lower bound of the server's time, so the highest one counts. */
export function clockAhead(document: AgentDocument, wall: number, before: number | null): number | null {
  const at = document.server.at;
  if (!at) return before;
  const ahead = Date.parse(at) - wall;
  return before === null ? ahead : Math.max(before, ahead);
}

function create(station: string) {
  const queue = new PressQueue(station);
  const photos = new PhotoQueue();
  const { document, lostAt, remembered, unpaired } = listen(station, () => {
    void queue.send();
    void photos.send();
  });
  const screen = shallowRef<Screen>(IDLE);
  const undoable = shallowRef<Undoable | null>(null);
  const badge = ref<{ code: string; until: number } | null>(null);
  const practise = ref(false);
  const ahead = ref<number | null>(null);
  const now = ticking();

  watch(document, (next) => {
    if (!next) return;
    ahead.value = clockAhead(next, Date.now(), ahead.value);
    queue.shown(new Set(next.presses.map((press) => press.id)));
  });

  const setup = computed(() => document.value?.setup ?? null);
  const state = computed(() => document.value?.state ?? null);
  const serverNow = computed(() => now.value + (ahead.value ?? 0));
  const items = computed(() => track(document.value, queue.waiting.value, queue.taken.value, now.value));
  const notHeard = computed(() => {
    if (lostAt.value !== null) return now.value - lostAt.value >= NOT_HEARD_MS;
    return document.value !== null && !document.value.server.heard;
  });

  /** Says it. The id is made here, so that a retry after a lost answer is never a second press. */
  function say(kind: EventKind, fields: Fields = {}): string {
    const id = uuid7();
    const operator = badge.value && badge.value.until > Date.now() ? { operator: badge.value.code } : {};
    const drill = practise.value && (kind === "reject" || kind === "stop" || kind === "call") ? { drill: true } : {};
    void queue.add({ id, kind, ...operator, ...drill, ...fields });
    if (kind === "reject" || kind === "stop" || kind === "call" || kind === "catch") {
      undoable.value = { id, kind, until: Date.now() + UNDO_MS };
      badge.value = null;
      practise.value = false;
    }
    return id;
  }

  function undo(): void {
    if (!undoable.value) return;
    say("withdraw", { complaint: undoable.value.id, reason: "undo" });
    undoable.value = null;
    screen.value = IDLE;
  }

  return {
    station,
    queue,
    photos,
    document,
    setup,
    state,
    items,
    stop: computed(() => stopOf(items.value)),
    waiting: computed(() => unheard(document.value, queue.waiting.value)),
    notHeard,
    /** What is shown of the server is not so now, but was when it was last heard. */
    old: computed(() => notHeard.value || remembered.value),
    unpaired,
    refused: computed(() => refusedBy(document.value, queue.waiting.value, seen.value, photos.refused.value)),
    lost: computed(() => lostAt.value !== null),
    now,
    serverNow,
    screen,
    undoable,
    badge,
    practise,
    say,
    undo,
    scanBadge: (code: string) => (badge.value = { code, until: Date.now() + BADGE_MS }),
  };
}

export type Place = ReturnType<typeof create>;
const KEY: InjectionKey<Place> = Symbol("place");

export function openPlace(station: string): Place {
  const place = create(station);
  provide(KEY, place);
  return place;
}

export function usePlace(): Place {
  const place = inject(KEY);
  if (!place) throw new Error("outside of a station page");
  return place;
}
