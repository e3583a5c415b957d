import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fit, softened } from "../../src/look/fit";
import { afterCatch, afterReject, defectTiles, pageCount, pageOf } from "../../src/station/flow";
import { KeyReader } from "../../src/station/keys";
import type { AgentDocument, Setup } from "../../src/station/model";
import { clockAhead } from "../../src/station/place";
import { clockOf } from "../../src/station/progress";
import { MAX_PHOTO_BYTES, scaled } from "../../src/station/photo";
import { age } from "../../src/station/queue";
import { detailOf, refusedBy } from "../../src/station/refusals";
import type { Kept } from "../../src/station/storage";
import { stopOf, track, unheard } from "../../src/station/track";
import { uuid7 } from "../../src/station/uuid7";
import { at, card, T0 } from "./cards";

const named = (id: string) => ({ id, name: { en: id, zh: id } });
const tile = (code: string, origin: string) => ({ code, name: {}, severity: "major" as const, origin });
const setup = (given: Partial<Setup> = {}): Setup => ({
  chain: 1, site: named("plant"), station: named("welding-1"), line: { ...named("body"), grace_s: 0 }, process: named("welding"),
  suppliers: [named("stamping")], upstream: [], customers: [], defects: [tile("scratch", "stamping"), tile("burr", "blanking")],
  own_defects: [], calls: [], standards: { reject: { acknowledge: 180 } }, ...given,
});
const document = (given: Partial<AgentDocument> = {}): AgentDocument => ({
  station: "welding-1", server: { heard: true, since: null }, setup: null, state: null, outbox: { waiting: 0, oldest_at: null },
  parked: [], presses: [], ...given,
});
const state = (complaints: readonly ReturnType<typeof card>[]): Pick<AgentDocument, "state"> => ({
  state: {
    at: at(0), seq: 1, complaints, refused: [],
    line: { ...named("body"), state: "running", since: null, stop_at: null, drill: false, first_piece: null },
  },
});
const kept = (id: string, kind: "reject" | "stop" | "withdraw" | "catch", more: object = {}): Kept => ({
  id, station: "welding-1", body: { id, kind, ...more }, wall: T0, page: 1, steady: 0,
});
const press = (id: string, recorded: boolean) => ({ id, kind: "reject", at: at(0), saved: true, recorded });

describe("the way of a press", () => {
  it("asks for the supplier only when there are several", () => {
    expect(afterReject(setup())).toEqual({ at: "defect", kind: "reject", supplier: null });
    expect(afterReject(setup({ suppliers: [named("a"), named("b")] }))).toEqual({ at: "supplier" });
  });
  it("is sent at once when the station knows nothing yet", () => {
    expect(afterReject(null)).toBeNull();
    expect(afterReject(setup({ defects: [] }))).toBeNull();
    expect(afterCatch(setup())).toBeNull();
  });
  it("shows first what the touched supplier makes", () => {
    expect(defectTiles(setup(), "reject", "blanking").map((t) => t.code)).toEqual(["burr", "scratch"]);
    expect(defectTiles(setup(), "reject", null).map((t) => t.code)).toEqual(["scratch", "burr"]);
  });
  it("pages its tiles", () => {
    expect(pageCount(Array(16), 15)).toBe(2);
    expect(pageOf([1, 2, 3], 1, 2)).toEqual([3]);
  });
});

describe("how far each press has come", () => {
  it("grows from kept here to the server's complaint, always one item", () => {
    const stage = (d: AgentDocument, waiting: Kept[], taken: Kept[]) => track(d, waiting, taken, T0).map((i) => [i.id, i.stage]);
    expect(stage(document(), [kept("a", "reject")], [])).toEqual([["a", "kept"]]);
    expect(stage(document(), [], [kept("a", "reject")])).toEqual([["a", "saved"]]);
    expect(stage(document({ presses: [press("a", false)] }), [], [kept("a", "reject")])).toEqual([["a", "saved"]]);
    expect(stage(document({ presses: [press("a", true)], ...state([card({ id: "a" })]) }), [], [])).toEqual([["a", "recorded"]]);
    expect(stage(document(state([card({ id: "a", state: "acknowledged" })])), [], [])).toEqual([["a", "acknowledged"]]);
  });
  it("lets a press that was added to another complaint go after a while", () => {
    const added = document({ presses: [press("b", true)] });
    expect(track(added, [], [], T0 + 5_000)).toHaveLength(1);
    expect(track(added, [], [], T0 + 11_000)).toHaveLength(0);
  });
  it("hides what was undone at once, and shows it again when the undo was refused", () => {
    const undo = kept("w", "withdraw", { complaint: "a" });
    const open = state([card({ id: "a" })]);
    expect(track(document(open), [undo], [], T0)).toEqual([]);
    const parked = [{ event: "w", kind: "withdraw", at: at(0), reason: "not-allowed", detail: "" }];
    expect(track(document({ ...open, parked }), [], [undo], T0)).toHaveLength(1);
  });
  it("covers the page for a stop from the moment it is kept until it is released", () => {
    const stops = (s: string) => track(document(state([card({ kind: "stop", stop: { state: s, from: at(0), until: null } })])), [], [], T0);
    expect(stopOf(track(document(), [kept("s", "stop")], [], T0))?.id).toBe("s");
    expect(stopOf(stops("stopped"))).not.toBeNull();
    expect(stopOf(stops("released"))).toBeNull();
  });
  it("counts what nobody else has", () => {
    expect(unheard(document({ outbox: { waiting: 2, oldest_at: null } }), [kept("a", "reject")])).toBe(3);
  });
  it("runs against the standard before the server has said anything", () => {
    const [item] = track(document(), [kept("a", "reject")], [], T0);
    expect(clockOf(item!, setup(), T0 + 200_000)).toMatchObject({ limit: 180, over: 20 });
  });
});

describe("what was refused", () => {
  it("is shown once, whoever says it", () => {
    const parked = [{ event: "x", kind: "accept", at: at(0), reason: "not-allowed", detail: "no" }];
    const both = document({ parked, ...state([]) });
    expect(refusedBy(both, [{ ...kept("y", "reject"), refused: "bad" }]).map((r) => [r.id, r.own])).toEqual([
      ["x", false],
      ["y", true],
    ]);
  });
  it("leaves the page once somebody has seen it", () => {
    const parked = ["x", "z"].map((event) => ({ event, kind: "release", at: at(0), reason: "not-authorized", detail: "no" }));
    expect(refusedBy(document({ parked }), [], new Set(["x"])).map((r) => r.id)).toEqual(["z"]);
  });
  it("is said in words; only what words do not say keeps the server's detail", () => {
    const why = (reason: string) => detailOf({ id: "x", kind: "release", reason, detail: "the detail", own: false });
    expect([why("not-authorized"), why("broken"), why("brand-new")]).toEqual(["", "the detail", "the detail"]);
  });
});

describe("type", () => {
  it("shrinks for a long word, not for long texts that may be broken", () => {
    expect(fit("Assembled the wrong way round")).toBeUndefined();
    expect(fit("壳体密封面五轴精密加工工序与检测")).toBeUndefined();
    expect(["Kreiselpumpe", "Statorwicklungsfertigung"].map(fit)).toEqual([12, 16]);
  });
  it("breaks long words at syllables and leaves the others alone", () => {
    expect(softened("Impregnation, Wärmebehandlung").replaceAll("\u00ad", "-")).toBe("Impregnation, Wärmebehandlung");
    expect(softened("Dichtflächenbeschädigung").replaceAll("\u00ad", "-")).toBe("Dicht-flä-chen-be-schä-di-gung");
    expect(softened("绕组绝缘电阻低于标准要求")).toBe("绕组绝缘电阻低于标准要求");
  });
});

describe("ids and times made on the tablet", () => {
  it("are UUIDv7 that sort by time", () => {
    const [a, b] = [uuid7(T0), uuid7(T0 + 1)];
    expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(a < b).toBe(true);
    expect(parseInt(a.replaceAll("-", "").slice(0, 12), 16)).toBe(T0);
    expect(new Set(Array.from({ length: 1000 }, () => uuid7(T0))).size).toBe(1000);
  });
  it("say the age by the page's own clock, or after a reload by the wall's", () => {
    expect(age(kept("a", "reject"), 1, 1500.4, T0 + 99_000)).toBe(1500);
    expect(age(kept("a", "reject"), 2, 10, T0 + 99_000)).toBe(99_000);
  });
  it("take the server's clock from its beats, the least delayed one", () => {
    const beat = (s: number) => document({ server: { heard: true, since: null, at: at(s) } });
    expect(clockAhead(document(), T0, null)).toBeNull();
    expect(clockAhead(beat(10), T0 + 12_000, null)).toBe(-2000);
    expect(clockAhead(beat(20), T0 + 20_500, -2000)).toBe(-500);
  });
  it("keep the shape of a photo", () => {
    expect(scaled(4000, 3000, 1920)).toEqual([1920, 1440]);
    expect(scaled(800, 600, 1920)).toEqual([800, 600]);
    expect(MAX_PHOTO_BYTES).toBe(1_048_576);
  });
});

describe("keypad and scanner", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const read = () => {
    const told: string[] = [];
    return { told, reader: new KeyReader({ key: (k) => told.push(`key ${k}`), scan: (c) => told.push(`scan ${c}`) }) };
  };

  it("takes one slow key for a key", () => {
    const { told, reader } = read();
    reader.down("1", 0);
    vi.advanceTimersByTime(60);
    expect(told).toEqual(["key 1"]);
  });
  it("takes fast keys and Enter for a scan, and presses no button by them", () => {
    const { told, reader } = read();
    [..."1234"].forEach((key, i) => reader.down(key, i * 10));
    expect(reader.down("Enter", 45)).toBe(true);
    vi.advanceTimersByTime(500);
    expect(told).toEqual(["scan 1234"]);
  });
  it("leaves Enter alone when nothing was scanned", () => {
    const { told, reader } = read();
    expect(reader.down("Enter", 0)).toBe(false);
    expect(told).toEqual([]);
  });
});
