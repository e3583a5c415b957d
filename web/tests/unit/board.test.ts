import { describe, expect, it } from "vitest";
import { chargePath, flowPath } from "../../src/board/arrows";
import { pageAt, pagesOf, rowsOf } from "../../src/board/paging";
import { listenTo, soundsOf } from "../../src/board/sound";
import { makerKey, oldest, tilesOf } from "../../src/board/tiles";
import type { Card, Snapshot, Station } from "../../src/live/model";
import { at, card } from "./cards";

const station = (id: string, process: string, silent: string | null = null): Station => ({
  id, line: "body", process, name: {}, silent_since: silent,
});
const board = (complaints: readonly Card[], stations: readonly Station[] = []): Snapshot => ({
  v: 1, site: "plant", seq: 1, at: at(0), chain: 1,
  lines: [
    { id: "body", name: {}, state: "running", since: null, stop_at: null, drill: false, first_piece: null, processes: ["stamping", "welding"] },
    { id: "paint", name: {}, state: "running", since: null, stop_at: null, drill: false, first_piece: null, processes: ["painting"] },
  ],
  processes: [], links: [], stations, defects: [], complaints, today: { rejects: 0, stops: 0, catches: 0, calls: 0 },
});
const states = (b: Snapshot) => tilesOf(b).get("body")?.map((tile) => tile.state);
const STOPPED = { kind: "stop", stop: { state: "stopped", from: at(0), until: null } } as const;

describe("the tiles", () => {
  it("are green without an alarm, and grey when no station of the process is heard", () => {
    expect(states(board([]))).toEqual(["running", "running"]);
    expect(states(board([], [station("w1", "welding", at(0)), station("w2", "welding")]))).toEqual(["running", "running"]);
    expect(states(board([], [station("w1", "welding", at(0))]))).toEqual(["running", "silent"]);
  });

  it("say what is the matter where it was found", () => {
    expect(states(board([card()]))).toEqual(["running", "called"]);
    expect(states(board([card({ kind: "call" })]))).toEqual(["running", "calling"]);
    expect(states(board([card(STOPPED)]))).toEqual(["running", "stopped"]);
    expect(states(board([card({ ...STOPPED, drill: true })]))).toEqual(["running", "drill"]);
  });

  it("stay red until the stop is released, and show a stop before an older reject", () => {
    const stop = card({ ...STOPPED, id: "s", state: "contained", occurred_at: at(50) });
    const tile = tilesOf(board([card({ id: "r" }), stop])).get("body")?.[1];
    expect(tile).toMatchObject({ state: "stopped", alarm: { id: "s" }, alarms: [{ id: "s" }, { id: "r" }] });
    expect(states(board([card({ ...stop, stop: { state: "released", from: at(0), until: at(60) } })]))).toEqual(["running", "running"]);
  });

  it("know the maker's tile, in the same line first", () => {
    expect(makerKey(board([]), card())).toBe("body/stamping");
    expect(makerKey(board([]), card({ made_at: "painting" }))).toBe("paint/painting");
    expect(makerKey(board([]), card({ made_at: "unclassified" }))).toBeNull();
  });
});

describe("the biggest thing on the wall", () => {
  it("is the oldest that nobody answered, before any that somebody comes to", () => {
    const coming = card({ id: "a", state: "acknowledged", occurred_at: at(0) });
    const [old, young] = [card({ id: "b", occurred_at: at(10) }), card({ id: "c", occurred_at: at(20) })];
    expect(oldest([coming, young, old])?.id).toBe("b");
    expect(oldest([coming])?.id).toBe("a");
    expect(oldest([card({ drill: true }), card({ state: "arrived" })])).toBeNull();
  });
});

describe("the pages of the wall", () => {
  const line = (id: string, n: number) => ({ id, processes: Array.from({ length: n }, (_, i) => `p${i}`) });

  it("cut a long line into rows of like length", () => {
    expect(rowsOf([line("a", 10), line("b", 3)], 8).map((row) => [row.line, row.part, row.processes.length])).toEqual([
      ["a", 1, 5],
      ["a", 2, 5],
      ["b", 1, 3],
    ]);
  });

  it("leave no row out and no page nearly empty", () => {
    const pages = pagesOf(rowsOf([line("a", 2), line("b", 2), line("c", 2), line("d", 2)], 8), 3);
    expect(pages.map((page) => page.length)).toEqual([2, 2]);
    expect(pagesOf([], 3)).toEqual([[]]);
  });

  it("show only what is in alarm while something is", () => {
    expect([0, 1, 2].map((turn) => pageAt([false, false, false], turn))).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((turn) => pageAt([false, true, true], turn))).toEqual([1, 2, 1]);
  });
});

describe("the sounds", () => {
  it("rise once for a new red, and differ for an escalation", () => {
    const [none, red] = [listenTo([]), listenTo([card(STOPPED)])];
    expect(soundsOf(none, red)).toEqual(["red"]);
    expect(soundsOf(red, red)).toEqual([]);
    expect(soundsOf(red, listenTo([card({ ...STOPPED, level: 1 })]))).toEqual(["escalated"]);
  });

  it("are silent for drills and for what was sent again after an outage", () => {
    expect(soundsOf(listenTo([]), listenTo([card({ ...STOPPED, drill: true }), card({ ...STOPPED, replay: true })]))).toEqual([]);
  });
});

describe("the arrows", () => {
  const box = (x: number, y: number) => ({ x, y, width: 100, height: 50 });
  it("go straight to the next tile and below to one further on", () => {
    expect(flowPath(box(0, 0), box(140, 0), true, 16)).toBe("M104.0 25.0H136.0");
    expect(flowPath(box(0, 0), box(280, 0), false, 16)).toContain("C");
  });
  it("charge from the finder over the tops to the maker", () => {
    const row = [box(280, 50), box(140, 50), box(0, 50)];
    expect(chargePath(row[0]!, row[2]!, row, 16)).toMatch(/^M314\.0 50\.0L.*L66\.0 50\.0$/);
  });
  it("go through the gaps of a row in between, never across its tiles", () => {
    const [finder, maker] = [box(300, 400), box(160, 0)];
    const between = [box(0, 200), box(140, 200), box(280, 200)];
    const path = chargePath(finder, maker, [finder, maker, ...between], 16);
    const corners = [...path.matchAll(/Q(\d+\.\d) (\d+\.\d)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(corners).toContainEqual([260, 386]);
    expect(corners).toContainEqual([260, 64]);
  });
});
