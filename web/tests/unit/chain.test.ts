import { describe, expect, it } from "vitest";
import { difference } from "../../src/chain/difference";
import { emptyChain, FINAL, find, linkKey, type Chain } from "../../src/chain/document";
import { add, freeId, goesWith, link, put, remove, setKind } from "../../src/chain/edits";
import { begin, commit, redo, undo } from "../../src/chain/history";
import { draw } from "../../src/chain/layout";
import { locate } from "../../src/chain/place";
import { rebase } from "../../src/chain/rebase";
import { rename } from "../../src/chain/rename";
import { fromDocument, toDocument } from "../../src/chain/wire";

/** As the server writes it: what is by default left out, names of one text for both. */
const DOCUMENT = {
  site: { id: "plant", name: { en: "Plant", zh: "工厂" }, timezone: "UTC", currency: "CNY" },
  calendar: { shifts: [{ id: "early", name: "Early", from: "06:00", until: "14:00" }], holidays: ["2026-10-01..2026-10-07"] },
  lines: [{ id: "one", name: "One", owner: "press" }],
  processes: [
    { id: "press", name: { en: "Press", zh: "冲压" }, kind: "step", owner: "process-owner", line: "one" },
    { id: "weld", name: { en: "Weld", zh: "焊接" }, kind: "step", line: "one" },
    { id: "repair", name: "Repair", kind: "function" },
  ],
  stations: [
    { id: "press-1", name: "P1", process: "press", line: "one" },
    { id: "repair-1", name: "R1", process: "repair", line: "one" },
  ],
  links: [
    { supplier: "press", customer: "weld", relation: "process", standard: "usual" },
    { supplier: "weld", customer: FINAL, relation: "process" },
    { supplier: "repair", customer: "press", relation: "function" },
  ],
  defects: [{ code: "dent", name: "Dent", severity: "major", origin: "press", inspected_by: ["press", "weld"] }],
  standards: [{ id: "usual", rules: [{ for: "stop", acknowledge: 60, ladder: [] }] }],
  rates: [{ from: "2026-01-01", rework_hour: 60, sort_hour: 50, unit: { press: 2, weld: 3 }, stop_minute: { one: 80 } }],
};
const chain = fromDocument(DOCUMENT);
const processes = (of: Chain) => of.processes.map(({ id }) => id);

describe("the document", () => {
  it("gets every key, and goes back to what the server understands", () => {
    expect(chain.shifts[0]).toMatchObject({ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], breaks: [], name: { en: "Early", zh: "Early" } });
    expect(find(chain, "links", linkKey({ supplier: "weld", customer: FINAL, relation: "process" }))?.standard).toBeNull();
    expect(fromDocument(toDocument(chain) as typeof DOCUMENT)).toEqual(chain);
    expect(toDocument(chain)["processes"]).toContainEqual({ id: "repair", name: { en: "Repair", zh: "Repair" }, kind: "function" });
  });
  it("keeps a station's line only where its process has another or none, and an empty ladder", () => {
    expect(chain.stations.map(({ line }) => line)).toEqual([null, "one"]);
    expect(toDocument(chain)["standards"]).toEqual([{ id: "usual", rules: [{ for: "stop", acknowledge: 60, ladder: [] }] }]);
  });
});

describe("edits", () => {
  it("remove a process with all that cannot be without it", () => {
    expect(goesWith(chain, "press")).toEqual({ stations: 1, links: 2, defects: 1 });
    const rest = remove(chain, "processes", "press");
    expect([processes(rest), rest.stations.length, rest.links.length, rest.defects.length]).toEqual([["weld", "repair"], 1, 1, 0]);
    expect([rest.lines[0]?.owner, rest.rates[0]?.unit]).toEqual([null, { weld: 3 }]);
    expect(remove(chain, "processes", "weld").defects[0]?.inspected_by).toEqual(["press"]);
  });
  it("remove a line or a standard, and nothing names it any more", () => {
    const rest = remove(remove(chain, "lines", "one"), "standards", "usual");
    expect(JSON.stringify({ ...rest, lines: [] })).not.toMatch(/"one"|usual/);
  });
  it("link as the kinds of both suggest, with the usual standard, once, and never to oneself", () => {
    const more = add(chain, "processes", { id: "paint", name: { en: "Paint", zh: "喷漆" }, kind: "step", owner: null, line: "one" });
    expect(link(more, "weld", "paint").links.at(-1)).toEqual({ supplier: "weld", customer: "paint", relation: "process", standard: "usual" });
    expect(link(more, "repair", "paint").links.at(-1)).toMatchObject({ relation: "function", standard: null });
    expect(link(more, "paint", "repair").links.at(-1)).toMatchObject({ relation: "flow" });
    expect(link(more, "paint", FINAL).links.at(-1)).toMatchObject({ relation: "process", standard: null });
    for (const [a, b] of [["press", "weld"], ["press", "press"], [FINAL, "press"]] as const) expect(link(chain, a, b)).toBe(chain);
  });
  it("turn a step into a function, whose stations keep their line", () => {
    const turned = setKind(chain, "press", "function");
    expect(find(turned, "processes", "press")).toMatchObject({ kind: "function", line: null });
    expect(find(turned, "stations", "press-1")?.line).toBe("one");
    expect(turned.links[0]?.relation).toBe("function");
  });
  it("rename an id everywhere, and never onto another", () => {
    const renamed = rename(chain, "processes", "press", "stamp");
    expect(JSON.stringify(renamed)).not.toContain('"press"');
    expect([renamed.rates[0]?.unit, renamed.lines[0]?.owner]).toEqual([{ stamp: 2, weld: 3 }, "stamp"]);
    expect(rename(chain, "processes", "press", "weld")).toBe(chain);
    expect(JSON.stringify(rename(rename(chain, "lines", "one", "l1"), "standards", "usual", "s1"))).not.toMatch(/"one"|usual/);
  });
  it("make ids of names that are free and allowed", () => {
    expect(freeId(chain, "processes", "Press", "p")).toBe("press-2");
    expect(freeId(chain, "processes", "Final customer", "p")).toBe("final-customer-2");
    expect(freeId(chain, "processes", "Größe & Maß 3", "p")).toBe("gro-e-ma-3");
    expect(freeId(chain, "processes", "焊接", "process")).toBe("process");
    expect(freeId(chain, "processes", "x".repeat(60), "p")).toMatch(/^x{28}$/);
  });
});

describe("history", () => {
  it("goes back and forth, and joins what is typed into one field", () => {
    let history = begin("");
    for (const text of ["P", "Pr", "Press"]) history = commit(history, text, "name");
    history = commit(history, "other");
    expect(undo(history).present).toBe("Press");
    expect(undo(undo(history)).present).toBe("");
    expect(redo(undo(history)).present).toBe("other");
    expect(undo(begin("x")).present).toBe("x");
    expect(redo(commit(undo(history), "new")).present).toBe("new");
    expect(commit(undo(undo(history)), "Q", "name").past).toHaveLength(1);
  });
});

describe("the difference", () => {
  it("names what was added, removed and changed, field by field", () => {
    let draft = put(chain, "processes", "weld", { owner: "supervisor" });
    draft = add(remove(draft, "defects", "dent"), "lines", { id: "two", name: { en: "Two", zh: "二" }, stop_grace: 0, owner: null });
    draft = { ...draft, holidays: [], site: { ...draft.site, currency: "EUR" } };
    expect(difference(chain, draft).map(({ section, key, what, fields }) => [section, key, what, ...fields.map((x) => x.field)])).toEqual([
      ["site", "plant", "changed", "currency"],
      ["lines", "two", "added"],
      ["processes", "weld", "changed", "owner"],
      ["defects", "dent", "removed"],
      ["holidays", "", "changed", "holidays"],
    ]);
    expect(difference(chain, fromDocument(DOCUMENT))).toEqual([]);
  });
  it("tells another order, and a chain that is all new", () => {
    expect(difference(chain, { ...chain, links: [...chain.links].reverse() })).toEqual([{ section: "links", key: "", what: "moved", fields: [] }]);
    expect(difference(null, emptyChain(chain.site)).map((x) => x.what)).toEqual(["added"]);
  });
});

describe("my changes on top of theirs", () => {
  const mine = put(add(chain, "stations", { id: "weld-1", name: { en: "W1", zh: "W1" }, process: "weld", line: null }), "processes", "weld", { owner: "supervisor" });
  it("keep both when they touch different things", () => {
    const theirs = put(put(chain, "processes", "weld", { name: { en: "Welding", zh: "焊" } }), "links", "press>weld>process", { standard: null });
    const { chain: joined, both } = rebase(chain, mine, theirs);
    expect(both).toEqual([]);
    expect(find(joined, "processes", "weld")).toMatchObject({ owner: "supervisor", name: { en: "Welding" } });
    expect([find(joined, "stations", "weld-1")?.process, find(joined, "links", "press>weld>process")?.standard]).toEqual(["weld", null]);
  });
  it("name what both changed, and hold mine", () => {
    const theirs = put(chain, "processes", "weld", { owner: "director" });
    const { chain: joined, both } = rebase(chain, mine, theirs);
    expect(both.map(({ key }) => key)).toEqual(["weld"]);
    expect(find(joined, "processes", "weld")?.owner).toBe("supervisor");
    expect(rebase(chain, mine, remove(chain, "processes", "weld")).both.map(({ key }) => key)).toEqual(["weld"]);
    expect(rebase(chain, remove(chain, "defects", "dent"), remove(chain, "defects", "dent")).both).toEqual([]);
  });
});

describe("the place of a problem", () => {
  const at = (where: string, code = "", about: string[] = []) => locate(chain, { where, code, about, detail: "" }, true);
  it("is found by its pointer, with what to light on the drawing", () => {
    expect(at("/stations/1/line")).toMatchObject({ place: { area: "stations", key: "repair-1" }, processes: ["repair"] });
    expect(at("/defects/0/origin")).toMatchObject({ place: { area: "defects", key: "dent" }, processes: ["press"] });
    expect(at("/links/1/standard").links).toEqual(["weld>final-customer>process"]);
    expect(at("/calendar/shifts/0/breaks").place).toEqual({ area: "shifts", key: "early" });
    expect([at("/site/timezone").place?.area, at("/calendar/holidays/0").place?.area, at("").place]).toEqual(["site", "holidays", null]);
  });
  it("is a whole circle for a cycle", () => {
    expect(at("/links/0/supplier", "cycle", ["press", "weld", "press"])).toMatchObject({
      processes: ["press", "weld", "press"],
      links: ["press>weld>process", "weld>press>process"],
    });
  });
});

describe("the drawing", () => {
  const boxes = (of: Chain) => draw(of, () => true).boxes;
  it("goes from supplier to customer, with the functions below and nothing on top of another", () => {
    const found = boxes(chain);
    const x = (id: string) => found.get(id)?.x ?? NaN;
    expect(x("press") < x("weld") && x("weld") < x(FINAL)).toBe(true);
    expect(found.get("repair")?.y).toBeGreaterThan((found.get("press")?.y ?? 0) + 68);
    expect(draw(chain, () => true).wires.map(({ key }) => key)).toHaveLength(3);
    expect(draw(chain, () => false).wires.map(({ key }) => key)).toHaveLength(2);
  });
  it("draws a cycle, an unlinked step, a lost end and nothing at all", () => {
    const circle = add(chain, "links", { supplier: "weld", customer: "press", relation: "process", standard: null });
    expect(draw(circle, () => true).wires).toHaveLength(4);
    expect(boxes({ ...chain, links: [] }).get(FINAL)).toBeDefined();
    const lost = add(chain, "links", { supplier: "press", customer: "gone", relation: "process", standard: null });
    expect(draw(lost, () => true).wires).toHaveLength(3);
    expect(draw(emptyChain(chain.site), () => true)).toMatchObject({ height: 0, wires: [], below: null });
  });
});
