import { describe, expect, it } from "vitest";
import * as start from "../../src/i18n/start";
import { chainOf, currencyOf, flawOf, idFor, namesOf } from "../../src/desk/start/sketch";
import { stepOf, type Known, type Step } from "../../src/desk/start/step";
import { faults } from "./dictionaries";

const SITE = { name: "湖滨 Works", timezone: "Asia/Shanghai", currency: "CNY" };
const sketch = (processes: string, helpers = false) => chainOf(SITE, { line: "Línea 1", processes, helpers });
const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

it("says everything in both languages", () => {
  expect(faults({ start })).toEqual([]);
});

describe("ids", () => {
  it("are the Latin letters and digits of a name, else the fallback, and never taken", () => {
    const taken = new Set(["final-customer"]);
    const ids = ["Schweißen & Prüfen", "冲压", "Final customer", "---", "冲压"].map((name, i) => idFor(name, `process-${i + 1}`, taken));
    expect(ids).toEqual(["schwei-en-prufen", "process-2", "final-customer-2", "process-4", "process-5"]);
  });
  it("leave room for what is added to them", () => {
    const { stations, defects } = sketch("A very long name of a process indeed\nA very long name of a process index");
    const all = [...stations.map(({ id }) => id), ...defects.map(({ code }) => code)];
    expect(all.filter((id) => !ID.test(id))).toEqual([]);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("a sketch", () => {
  it("takes one name per line and nothing empty", () => {
    expect(namesOf(" Stamping \n\n  Welding   line\n")).toEqual(["Stamping", "Welding line"]);
  });
  it("says what keeps it from being a line", () => {
    expect(flawOf(["A"])).toEqual({ is: "few" });
    expect(flawOf(["A", "B", "a"])).toEqual({ is: "twice", name: "a" });
    expect(flawOf(Array.from({ length: 41 }, (_, i) => `P${i}`))).toEqual({ is: "many" });
    expect(flawOf(["A", "B"])).toBeNull();
  });
  it("makes each process the customer of the one before, and the last one the final customer's supplier", () => {
    const chain = sketch("Stamping\nWelding");
    expect(chain.links).toEqual([
      { supplier: "stamping", customer: "welding" },
      { supplier: "welding", customer: "final-customer" },
    ]);
    expect(chain.stations).toEqual([
      { id: "stamping-1", name: "Stamping 1", process: "stamping" },
      { id: "welding-1", name: "Welding 1", process: "welding" },
    ]);
    expect(chain.lines).toEqual([{ id: "linea-1", name: "Línea 1", owner: "welding" }]);
    expect(chain.site.id).toBe("works");
    expect(chain.defects.find(({ code }) => code === "stamping-size")?.inspected_by).toEqual(["stamping", "welding"]);
  });
  it("keeps the helpers apart from processes of the same name", () => {
    const chain = sketch("Quality\nPacking", true);
    expect(chain.processes.map(({ id }) => id)).toEqual(["quality-2", "packing", "maintenance", "material", "quality"]);
  });
  it("guesses a currency", () => {
    expect([currencyOf("Asia/Shanghai"), currencyOf("Europe/Berlin")]).toEqual(["CNY", "EUR"]);
  });
});

describe("the step", () => {
  const at = (known: Partial<Known>, ...passed: Step[]) =>
    stepOf({ begins: false, board: true, named: false, heard: null, passed: new Set(passed), ...known });
  it("is what the system lacks", () => {
    expect(at({ begins: true, board: false })).toBe("administrator");
    expect(at({ board: false })).toBe("site");
    expect(at({ board: false, named: true })).toBe("line");
    expect(at({})).toBeNull();
    expect(at({ heard: false })).toBe("tablet");
    expect(at({ heard: true })).toBe("tablet");
    expect(at({ heard: true }, "tablet")).toBe("drill");
    expect(at({ heard: true }, "tablet", "drill")).toBe("finish");
  });
});
