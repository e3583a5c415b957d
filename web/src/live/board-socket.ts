/** The one owner of the board's socket: snapshot, deltas in order, ticks, and what to do about a hole or a silence. */
import { shallowRef, ref, type Ref, type ShallowRef } from "vue";
import { fold, follows } from "./fold";
import type { Delta, Snapshot } from "./model";

/** A board that got no tick for this long covers itself. */
export const STALE_AFTER_MS = 3000;
const ASK_AGAIN_MS = 1000;
/** How often it is asked whether there is a site, or that line, by now. */
const LOOK_AGAIN_MS = 3000;

/** `refused`: signing in would help; `nowhere`: there is no such site or line, which may change. */
export type LinkState = "connecting" | "live" | "stale" | "refused" | "nowhere";

/** What the server says when it refuses a socket. */
interface Refused {
  readonly data?: { readonly status?: number };
}

/** The part of a Socket.IO socket that is used; a test gives its own. */
export interface Wire {
  on(event: string, listener: (message: never) => void): unknown;
  emit(event: string, message: unknown): unknown;
  connect(): unknown;
  disconnect(): unknown;
  readonly active: boolean;
}

export interface Feed {
  readonly board: Readonly<ShallowRef<Snapshot | null>>;
  readonly link: Readonly<Ref<LinkState>>;
  /** The server's time of the last tick, in milliseconds; 0 before the first. */
  readonly lastTick: Readonly<Ref<number>>;
  /** The server's clock now, in milliseconds: deadlines are judged by it, not by the television's clock. */
  serverNow(): number;
  /** Judges silence; called by a timer. */
  check(): void;
  /** Tries again at once, as after signing in. */
  again(): void;
  close(): void;
}

export function follow(wire: Wire, monotonic: () => number = () => performance.now(), wall = Date.now): Feed {
  const board = shallowRef<Snapshot | null>(null);
  const link = ref<LinkState>("connecting");
  const lastTick = ref(0);
  const started = monotonic();
  let heard: number | null = null;
  let ahead = 0;
  let asked = -ASK_AGAIN_MS;
  let looked = 0;

  const ask = (after: number) => {
    if (monotonic() - asked < ASK_AGAIN_MS) return;
    asked = monotonic();
    wire.emit("resume", { after });
  };
  const hear = (at: string) => {
    heard = monotonic();
    lastTick.value = Date.parse(at);
    ahead = lastTick.value - wall();
    if (board.value) link.value = "live";
  };

  wire.on("snapshot", (snapshot: Snapshot) => {
    board.value = snapshot;
    hear(snapshot.at);
  });
  wire.on("delta", (delta: Delta) => {
    const present = board.value;
    if (!present || delta.seq <= present.seq) return;
    if (delta.reload) ask(0);
    else if (follows(present, delta)) board.value = fold(present, delta);
    else ask(present.seq);
  });
  wire.on("tick", (tick: { seq: number; at: string; deaf?: boolean }) => {
    // The server is there, but what is pressed does not reach it: as stale as without a tick.
    if (tick.deaf) link.value = board.value ? "stale" : "connecting";
    else hear(tick.at);
    if (!board.value) ask(0);
  });
  wire.on("connect_error", (refused: Refused) => {
    // The socket gives up by itself only when the server refused it; a server that is away is tried again.
    if (wire.active) return;
    link.value = refused.data?.status === 404 ? "nowhere" : "refused";
    looked = monotonic();
  });
  wire.on("disconnect", (reason: string) => {
    // The server ended it: too slow, or no longer allowed. Asking again tells which.
    if (reason === "io server disconnect") wire.connect();
  });

  return {
    board,
    link,
    lastTick,
    serverNow: () => wall() + ahead,
    check() {
      if (link.value === "nowhere" && monotonic() - looked > LOOK_AGAIN_MS) {
        looked = monotonic();
        wire.connect();
      }
      if (link.value === "refused" || link.value === "nowhere") return;
      if (monotonic() - (heard ?? started) > STALE_AFTER_MS) link.value = heard === null ? "connecting" : "stale";
    },
    again() {
      link.value = board.value ? "stale" : "connecting";
      wire.disconnect();
      wire.connect();
    },
    close: () => void wire.disconnect(),
  };
}
