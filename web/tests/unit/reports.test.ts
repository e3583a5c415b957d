import { afterEach, describe, expect, it, vi } from "vitest";
import { nextTick, ref } from "vue";
import { areaOf } from "../../src/desk/area";
import * as rules from "../../src/i18n/reports-rules";
import * as work from "../../src/i18n/reports-work";
import * as reports from "../../src/i18n/reports";
import { language } from "../../src/i18n/language";
import { useAnswer } from "../../src/reports/ask/asking";
import { saysSomething, type Chart, type Column, type Report, type Table } from "../../src/reports/ask/document";
import { before, compared, comparisonOf, dayIn, preset, presetOf, withPeriod, yearBefore } from "../../src/reports/ask/period";
import { carried, changed, listed, narrowings, read, unfiltered, write } from "../../src/reports/ask/query";
import { explain } from "../../src/reports/ask/trouble";
import { control } from "../../src/reports/draw/control";
import { optionOf } from "../../src/reports/draw/option";
import { tick, topOf, type Part, type View } from "../../src/reports/draw/view";
import { labels, show } from "../../src/reports/show/cell";
import { heat } from "../../src/reports/show/heat";
import { signalsOf } from "../../src/reports/show/signals";
import type { EightD } from "../../src/reports/work/api";
import { draftOf, sectionsOf } from "../../src/reports/work/draft";
import { weekOf, weeks } from "../../src/reports/work/weeks";
import { Refusal } from "../../src/session/api";
import { faults } from "./dictionaries";

afterEach(() => void (language.value = "en"));
const TZ = "Asia/Shanghai";
const column = (id: string, type: Column["type"], digits = 0): Column => ({ id, type, digits, title: { en: id, zh: id }, unit: null });
const named = (id: string) => ({ id, en: id.toUpperCase(), zh: id });
const table = (columns: Column[], ...rows: unknown[][]): Table => ({
  id: "main", title: named("main"), columns, rows: rows.map((cells) => ({ cells, links: [`defect=${String(cells[0])}`], kind: "row" as const })), totals: null,
}); // prettier-ignore
const INK = { text: "#000", muted: "#555", line: "#ccc", ground: "#fff", signal: "#c00", font: "x", series: ["#1", "#2", "#3", "#4"] };
const chart = (kind: Chart["kind"], x: string, ...series: [string, Chart["series"][number]["role"]][]): Chart => ({
  id: kind, kind, table: "main", title: named(kind), x, marks: [], x_title: null, y_title: null,
  series: series.map(([id, role]) => ({ column: id, role, title: named(id) })),
}); // prettier-ignore
const view = (drawn: Chart, of: Table, more: Partial<View> = {}): View => ({ chart: drawn, table: of, timezone: TZ, ink: INK, narrow: false, top: null, ...more });
const part = (whole: Part, ...path: (string | number)[]): unknown => path.reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], whole);

it("says everything in both languages", () => {
  const { t } = reports;
  expect(faults({ reports: { t }, rules: { t: rules.rules }, work: { t: work.w } })).toEqual([]);
});

it("is an area of the desk", () => {
  expect(["/desk/reports", "/desk/reports/pareto", "/desk/reporting"].map(areaOf)).toEqual(["reports", "reports", "queue"]);
});

describe("the address", () => {
  const query = read("?site=a&from=2026-08-01&to=2026-11-01&made_at=m&made_at=n&part=&confirmed=true&by=line&unknown=1&compare_from=2026-05-01&compare_to=2026-08-01");

  it("is read and written as the server takes it, and keeps a value that is empty", () => {
    expect(write(query)).toBe("from=2026-08-01&to=2026-11-01&made_at=m&made_at=n&part=&confirmed=true&compare_from=2026-05-01&compare_to=2026-08-01&by=line");
    expect(read(`?${write(query)}`)).toEqual(query);
    expect(narrowings(query)).toEqual([["made_at", "m"], ["made_at", "n"], ["part", ""]]);
  });
  it("carries to another report what every report takes, and to the list what the list takes", () => {
    expect(carried(query).by).toBeUndefined();
    expect(carried(query).compare_from).toEqual(["2026-05-01"]);
    expect(Object.keys(listed(query))).toEqual(["from", "to", "made_at", "part", "confirmed"]);
    expect(Object.keys(unfiltered(query))).toEqual(["from", "to", "compare_from", "compare_to", "by"]);
    expect(changed(query, { by: [] }).by).toBeUndefined();
  });
});

describe("periods", () => {
  const SUNDAY = "2026-11-22";
  it("are presets of whole days", () => {
    expect(preset("thisWeek", SUNDAY)).toEqual({ from: "2026-11-16", to: "2026-11-23" });
    expect(preset("thirteenWeeks", SUNDAY)).toEqual({ from: "2026-08-24", to: "2026-11-23" });
    expect(preset("lastMonth", "2026-01-31")).toEqual({ from: "2025-12-01", to: "2026-01-01" });
    expect(presetOf({ from: "2026-11-22", to: "2026-11-23" }, SUNDAY)).toBe("today");
    expect(presetOf({ from: "2026-11-20", to: "2026-11-23" }, SUNDAY)).toBeNull();
  });
  it("are days of the plant, not of the device", () => {
    expect([dayIn(Date.parse("2026-11-22T17:00:00Z"), TZ), dayIn(Date.parse("2026-11-22T15:00:00Z"), TZ)]).toEqual(["2026-11-23", "2026-11-22"]);
  });
  it("take along what they are compared with, unless its days were chosen", () => {
    const [was, now] = [{ from: "2026-10-01", to: "2026-11-01" }, { from: "2026-11-01", to: "2026-11-11" }];
    expect([before(was), yearBefore(was)]).toEqual([{ from: "2026-08-31", to: "2026-10-01" }, { from: "2025-10-02", to: "2025-11-02" }]);
    const moved = withPeriod(compared({}, "before", was), now, was);
    expect([comparisonOf(moved, now), moved.compare_from]).toEqual(["before", ["2026-10-22"]]);
    const own = withPeriod({ compare_from: ["2026-01-01"], compare_to: ["2026-01-08"] }, now, was);
    expect(own.compare_from).toEqual(["2026-01-01"]);
  });
});

describe("cells", () => {
  it("show what their column says, and a dash for what cannot be said", () => {
    const share = column("share", "share", 1);
    expect([
      show(null, share, TZ), show(0, share, TZ), show(0.1234, share, TZ), show(1234.5, column("m", "money", 2), TZ), show(200, column("s", "seconds"), TZ),
      show([0.1, 0.25], column("i", "interval", 3), TZ, share), show([1.5, null], column("i", "interval", 1), TZ), show(true, column("f", "flag"), TZ),
      show(["nelson-1", "who-knows"], column("r", "list"), TZ), show("2026-11-22T16:30:00.000Z", column("l", "text"), TZ), show("2026-W41", column("l", "text"), TZ),
    ]).toEqual(["–", "0.0 %", "12.3 %", "1,234.50", "3 min", "10.0 % to 25.0 %", "1.5 to ∞", "Yes", "beyond a limit, who-knows", "23 Nov 2026, 00:30", "2026-W41"]); // prettier-ignore
  });
  it("tell rows of one name apart by the other names", () => {
    const of = table([column("role", "text"), column("shift", "name"), column("n", "count")], ["admin", named("early"), 1], ["admin", named("late"), 2]);
    expect(labels(of, "role", TZ)).toEqual(["Administrator · EARLY", "Administrator · LATE"]);
  });
  it("say which word of the question a report does not take", () => {
    const problem = { title: "", status: 422, detail: "not by defect", errors: [{ parameter: "defect", detail: "leave it out" }] };
    expect(explain(new Refusal(problem))).toMatchObject({ without: ["defect"], detail: "not by defect – leave it out" });
    expect(explain(new TypeError("away")).without).toEqual([]);
  });
});

describe("a matrix", () => {
  it("is the darker the more, by the root, and light only where there is nothing", () => {
    expect([0, 1, 20, 50, 100].map((n) => heat.level(n, 100))).toEqual([0, 1, 3, 4, 5]);
    expect(heat.most(table([column("made_at", "name"), column("a", "count"), column("total", "count")], [named("x"), 3, 9]), new Set(["a"]))).toBe(3);
  });
});

describe("charts", () => {
  const points = table(
    [column("label", "text"), column("value", "number"), column("upper", "number"), column("rules", "list"), column("excluded", "flag")],
    ["W1", 2, 5, [], false], ["W2", 7, 5, ["nelson-1"], false], ["W3", null, 5, [], false], ["W4", 1, 5, [], true],
  ); // prettier-ignore
  const drawn = view({ ...chart("control", "label", ["value", "value"], ["upper", "upper"], ["rules", "rules"], ["excluded", "excluded"]), marks: [{ at: "W3", text: named("cure") }] }, points);

  it("mark a point by shape and colour, leave a hole where nothing can be said, and cut at a countermeasure", () => {
    const [limit, values] = control(drawn)["series"] as Part[];
    expect(part(limit!, "data")).toEqual([5, 5, 5, 5]);
    expect(part(values!, "data", 1)).toMatchObject({ value: 7, symbol: "diamond", itemStyle: { color: "#c00" } });
    expect([part(values!, "data", 2, "value"), part(values!, "data", 3, "symbol")]).toEqual([null, "emptyCircle"]);
    expect(part(values!, "markLine", "data", 0)).toEqual({ name: "CURE", xAxis: 2 });
    expect(signalsOf(drawn.chart, points, TZ)).toEqual([{ label: "W2", rules: "beyond a limit", link: "defect=W2" }]);
  });
  it("set the vital few of a Pareto apart, and end at the whole", () => {
    const of = table([column("defect", "name"), column("count", "count"), column("cumulative", "share"), column("vital", "flag")], [named("a"), 6, 0.75, true], [named("b"), 2, 1, false]);
    const made = optionOf(view(chart("pareto", "defect", ["count", "bar"], ["cumulative", "line"], ["vital", "vital"]), of));
    const series = made["series"] as Part[];
    expect(series.map((one) => [one["id"], one["data"]])).toEqual([["count!few", [6, null]], ["count!rest", [null, 2]], ["cumulative", [0.75, 1]]]);
    expect(part(made, "yAxis", 0, "max")).toBe(8);
  });
  it("draw times of very different length on an axis of powers, and two periods to one scale", () => {
    const of = table([column("clock", "name"), column("p50", "seconds")], [named("a"), 60], [named("b"), 86_400]);
    const one = chart("bars", "clock", ["p50", "bar"]);
    expect(part(optionOf(view(one, of)), "xAxis", "type")).toBe("log");
    expect(topOf(chart("stacked", "clock", ["p50", "bar"], ["p50", "bar"]), of)).toBe(172_800);
    const near = table([column("clock", "name"), column("p50", "seconds")], [named("a"), 60], [named("b"), 90]);
    expect(part(optionOf(view(one, near, { top: 500 })), "xAxis", "max")).toBe(500);
  });
  it("write as few decimals on an axis as tell its lines apart", () => {
    expect([0, 0.0004, 0.25, 3, 1200].map((n) => tick(n, column("v", "number")))).toEqual(["0", "0.00040", "0.25", "3", "1,200"]);
  });
});

it("knows an empty report by its counts, not by what was handed on", () => {
  const made = (count: number, of: Table) => ({ population: { count }, tables: [of] }) as unknown as Report;
  const points = table([column("label", "text"), column("size", "number"), column("phase", "count")], ["W1", 900, 1]);
  expect([made(0, points), made(3, points), made(0, table([column("role", "text"), column("alarms", "count")], ["admin", 2]))].map(saysSomething)).toEqual([false, true, true]);
});

describe("what is done about it", () => {
  it("counts weeks as ISO does, over the end of a year too", () => {
    expect(["2026-11-22", "2026-11-23", "2026-12-31", "2027-01-03", "2027-01-04", "2024-12-30"].map(weekOf)).toEqual([
      "2026-W47", "2026-W48", "2026-W53", "2026-W53", "2027-W01", "2025-W01",
    ]); // prettier-ignore
    expect(weeks("2027-01-04").slice(0, 2)).toEqual(["2027-W01", "2026-W53"]);
  });
  it("writes an 8D back as it was read, but for empty lines", () => {
    const cause = { whys: ["worn", "no plan"], evidence: "", verified: true };
    const words = { what: "", where: "", when: "", who: "", why: "", how: "", how_many: "", is: "", is_not: "" };
    const of = {
      d0: "", d1: { champion: null, leader: "Wang", members: ["Lin"] }, d2: words, d3: "held", occurrence: cause, escape: cause, system: cause,
      category: null, category_detail: "", d5: "", d6: { on: null, validation: "" }, d7: "", d8: "",
    }; // prettier-ignore
    const draft = draftOf({ ...of, id: "x", version: 3, state: "open" } as unknown as EightD);
    expect(sectionsOf({ ...draft, occurrence: { ...draft.occurrence, whys: " worn \n\nno plan\n" } })).toEqual(of);
  });
});

describe("asking", () => {
  const settle = async () => { for (let i = 0; i < 5; i++) await nextTick(); };

  it("does not ask again what its answer has answered already, when the address is written out", async () => {
    const question = ref("pareto");
    const ask = vi.fn(() => Promise.resolve("pareto from=1 to=2"));
    const { answer, busy } = useAnswer(() => question.value, ask, (found) => found);
    await settle();
    question.value = answer.value!;
    await settle();
    expect([ask.mock.calls.length, busy.value]).toEqual([1, false]);
    question.value = "pareto";
    await settle();
    expect(ask.mock.calls.length).toBe(2);
  });

  it("throws away the answer to a question that was taken back", async () => {
    const question = ref("a");
    let late = (_: string) => {};
    const { answer, busy } = useAnswer(
      () => question.value,
      () => (question.value === "a" ? Promise.resolve("a") : new Promise<string>((resolve) => (late = resolve))),
    );
    await settle();
    question.value = "b";
    await settle();
    expect(busy.value).toBe(true);
    question.value = "a";
    await settle();
    late("b");
    await settle();
    expect([answer.value, busy.value]).toEqual(["a", false]);
  });

  it("asks again after trouble", async () => {
    const question = ref("a");
    const ask = vi.fn(() => (question.value === "b" ? Promise.reject(new Error("away")) : Promise.resolve(question.value)));
    const { trouble } = useAnswer(() => question.value, ask);
    await settle();
    question.value = "b";
    await settle();
    expect(trouble.value).not.toBeNull();
    question.value = "a";
    await settle();
    expect([ask.mock.calls.length, trouble.value]).toEqual([3, null]);
  });
});
