import { beforeEach, describe, expect, it } from "vitest";
import { follow, type Feed, type Wire } from "../../src/live/board-socket";
import type { Delta, Snapshot } from "../../src/live/model";
import { at, card, T0 } from "./cards";

/** A socket in the hand of the test. */
class Hand implements Wire {
  readonly said: [string, unknown][] = [];
  active = true;
  connects = 0;
  readonly #listeners = new Map<string, (message: never) => void>();
  on(event: string, listener: (message: never) => void) {
    return this.#listeners.set(event, listener);
  }
  emit(event: string, message: unknown) {
    return this.said.push([event, message]);
  }
  connect() {
    return this.connects++;
  }
  disconnect() {
    return undefined;
  }
  hears(event: string, message: unknown) {
    this.#listeners.get(event)?.(message as never);
  }
}

const SNAPSHOT: Snapshot = {
  v: 1, site: "plant", seq: 10, at: at(0), chain: 3, lines: [], processes: [], links: [], stations: [], defects: [], complaints: [],
  today: { rejects: 0, stops: 0, catches: 0, calls: 0 },
};
const delta = (prev: number, seq: number, more: Partial<Delta> = {}): Delta => ({
  prev, seq, at: at(seq), kind: "reject", complaints: { [`c${seq}`]: card({ id: `c${seq}` }) }, ...more,
});

describe("the owner of the board's socket", () => {
  let hand: Hand;
  let feed: Feed;
  let clock: number;
  beforeEach(() => {
    clock = 0;
    hand = new Hand();
    feed = follow(hand, () => clock, () => T0 + 5000);
    hand.hears("snapshot", SNAPSHOT);
  });
  const ids = () => feed.board.value?.complaints.map((c) => c.id);

  it("takes deltas in order", () => {
    hand.hears("delta", delta(10, 11));
    hand.hears("delta", delta(11, 14));
    expect(ids()).toEqual(["c11", "c14"]);
  });

  it("is stale at once when no intake hears the stations, and live with the next good tick", () => {
    hand.hears("tick", { seq: 10, at: at(1) });
    hand.hears("tick", { seq: 10, at: at(2), deaf: true });
    expect(feed.link.value).toBe("stale");
    expect(feed.lastTick.value).toBe(Date.parse(at(1)));
    hand.hears("tick", { seq: 10, at: at(3) });
    expect(feed.link.value).toBe("live");
  });

  it("ignores what it has already", () => {
    hand.hears("delta", delta(10, 11));
    hand.hears("delta", delta(10, 11));
    expect(ids()).toEqual(["c11"]);
    expect(hand.said).toEqual([]);
  });

  it("asks once for what is missing, and never draws over a hole", () => {
    clock = 10_000;
    hand.hears("delta", delta(11, 12));
    hand.hears("delta", delta(12, 13));
    expect(ids()).toEqual([]);
    expect(hand.said).toEqual([["resume", { after: 10 }]]);
    hand.hears("delta", delta(10, 11));
    hand.hears("delta", delta(11, 12));
    hand.hears("delta", delta(12, 13));
    expect(ids()).toEqual(["c11", "c12", "c13"]);
  });

  it("asks for a whole board when the chain changed", () => {
    hand.hears("delta", delta(10, 11, { reload: true }));
    expect(hand.said).toEqual([["resume", { after: 0 }]]);
  });

  it("is stale three seconds after the last tick, and live with the next", () => {
    hand.hears("tick", { seq: 10, at: at(1) });
    clock = 2900;
    feed.check();
    expect(feed.link.value).toBe("live");
    clock = 3100;
    feed.check();
    expect(feed.link.value).toBe("stale");
    expect(feed.lastTick.value).toBe(T0 + 1000);
    hand.hears("tick", { seq: 10, at: at(4) });
    expect(feed.link.value).toBe("live");
  });

  it("keeps the server's time, whatever the television's clock says", () => {
    hand.hears("tick", { seq: 10, at: at(60) });
    expect(feed.serverNow()).toBe(T0 + 60_000);
  });

  it("shows the door only when the server refused", () => {
    hand.hears("connect_error", new Error("xhr"));
    expect(feed.link.value).toBe("live");
    hand.active = false;
    hand.hears("connect_error", new Error("sign in"));
    expect(feed.link.value).toBe("refused");
  });

  it("shows no door where signing in does not help, and looks again by itself", () => {
    hand.active = false;
    hand.hears("connect_error", { data: { status: 404, detail: "there is no site yet" } });
    feed.check();
    expect([feed.link.value, hand.connects]).toEqual(["nowhere", 0]);
    clock = 3100;
    feed.check();
    feed.check();
    expect([feed.link.value, hand.connects]).toEqual(["nowhere", 1]);
  });

  it("comes back when the server dropped it for being slow", () => {
    hand.hears("disconnect", "io server disconnect");
    expect(hand.connects).toBe(1);
  });
});
