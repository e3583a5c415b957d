import { describe, expect, it } from "vitest";
import { dueNext, inAlarm, running, stages, waited } from "../../src/live/clocks";
import { at, card, T0 } from "./cards";

describe("the clocks of a complaint", () => {
  it("runs until somebody is on the way, and says how late", () => {
    expect(running(card(), T0 + 60_000)).toEqual({ clock: "acknowledge", elapsed: 60, limit: 180, over: 0 });
    expect(running(card(), T0 + 200_000)).toMatchObject({ over: 20 });
  });

  it("goes on to the next clock with each state, and rests when answered", () => {
    expect(running(card({ state: "acknowledged" }), T0)?.clock).toBe("arrive");
    expect(running(card({ state: "arrived" }), T0)?.clock).toBe("contain");
    expect(running(card({ state: "contained" }), T0)).toMatchObject({ clock: "answer", limit: null });
    expect(running(card({ state: "answered" }), T0)).toBeNull();
  });

  it("asks a called function only to come", () => {
    expect(running(card({ kind: "call", state: "arrived" }), T0)).toBeNull();
  });

  it("asks for an answer only when a response was late", () => {
    const late = card({ kind: "late-response", due: { answer: at(86_400) } });
    expect(running(late, T0)).toMatchObject({ clock: "answer", limit: 86_400 });
    expect(dueNext(late)).toBe(T0 + 86_400_000);
    expect(running(card({ kind: "late-response", state: "answered" }), T0)).toBeNull();
  });

  it("runs from the round that is on, the wait from the press", () => {
    const second = card({ round: 2, round_started_at: at(1000), due: { acknowledge: at(1180) } });
    expect(running(second, T0 + 1_010_000)).toMatchObject({ elapsed: 10, limit: 180 });
    expect(waited(second, T0 + 1_010_000)).toBe(1010);
  });

  it("puts what has no clock last", () => {
    expect(dueNext(card())).toBe(T0 + 180_000);
    expect(dueNext(card({ state: "closed" }))).toBe(Infinity);
  });

  it("is an alarm until somebody has contained it", () => {
    expect(["open", "acknowledged", "arrived", "contained"].map((s) => inAlarm(card({ state: s as "open" })))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe("every clock of a round against its standard", () => {
  const due = { acknowledge: at(180), arrive: at(600), contain: at(3600) };

  it("tells what was taken, what is late, what runs and what has not begun", () => {
    const card_ = card({ state: "arrived", due, acknowledged_at: at(60), arrived_at: at(700) });
    expect(stages(card_, T0 + 900_000)).toEqual([
      { clock: "acknowledge", taken: 60, limit: 180, over: 0, running: false },
      { clock: "arrive", taken: 700, limit: 600, over: 100, running: false },
      { clock: "contain", taken: 900, limit: 3600, over: 0, running: true },
    ]);
    expect(stages(card({ due }), T0).map(({ taken }) => taken)).toEqual([0, null, null]);
  });

  it("says nothing of a round that was before", () => {
    const second = card({ state: "contained", round_started_at: at(9000), due: { answer: at(9600) }, answered_at: at(500) });
    expect(stages(second, T0 + 9_060_000)).toEqual([{ clock: "answer", taken: 60, limit: 600, over: 0, running: true }]);
    const before = card({ ...second, due: { contain: at(9600) }, contained_at: at(500) });
    expect(stages(before, T0 + 9_060_000).map(({ taken }) => taken)).toEqual([null]);
  });
});
