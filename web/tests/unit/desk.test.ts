import { expect, it } from "vitest";
import { fieldsOf, MOST_BYTES, unfit } from "../../src/desk/attachments";
import { documentsOf, photosOf, shortId, tagOf, type Happened, type Whole } from "../../src/desk/complaint";
import { bothOf, dateOf, rowsOf } from "../../src/desk/tag/tag";
import * as tag from "../../src/i18n/tag";
import type { Snapshot } from "../../src/live/model";
import { card } from "./cards";
import { faults } from "./dictionaries";

const board = { processes: [{ id: "welding", name: { en: "Welding", zh: "焊接" }, kind: "step" }] } as unknown as Snapshot;
const contained = (changes: Partial<Whole> = {}): Whole => ({
  ...card({ made_at: "welding", defect: "spatter", qty: 12, contained_at: "2026-11-23T02:04:00Z" }),
  names: { defect: { en: "Spatter", zh: "飞溅" }, station: { en: "Assembly 1", zh: "装配1" } },
  containment: { what: "Two pallets", where: "Q-12", qty_sorted: 48, qty_bad: 0 },
  note: null, lot: null, photos: [], answer: null, history: [], commands: [], attributions: [],
  ...changes,
});
const said = (changes?: Partial<Whole>) => Object.fromEntries(rowsOf(board, contained(changes)).map(({ label, text }) => [label.en, text]));

it("says everything around the tag in both languages", () => {
  expect(faults({ tag })).toEqual([]);
});

it("puts on a tag what is held, where, how many, why and by whom, in both languages", () => {
  expect(said()).toMatchObject({
    Segregated: "Two pallets", Where: "Q-12", Defect: "飞溅 Spatter", Supplier: "焊接 Welding", "Found at": "装配1 Assembly 1",
    Quantity: "12 · 已挑选 sorted 48 · 不良 bad 0",
  });
  expect(dateOf("2026-11-23T02:04:00Z")).toMatch(/^2026-11-23 \d\d:04$/);
  expect(said({ lot: "L-1", part: "P-77" })["Part, lot"]).toBe("P-77, L-1");
});

it("leaves out what nobody said, and names what is not known", () => {
  const bare = said({ qty: null, containment: { what: "a", where: "b" }, made_at: "unclassified", defect: null });
  expect(Object.keys(bare)).not.toContain("Quantity");
  expect(bare).toMatchObject({ Supplier: "待定 not known yet", Defect: "待定 not known yet" });
  expect(said({ made_at: null })["Supplier"]).toBe("未发现缺陷 no defect found");
  expect([bothOf({ en: "R2", zh: "R2" }, "x"), bothOf({ zh: "焊接" }, "x"), bothOf(null, "x")]).toEqual(["R2", "焊接", "x"]);
});

it("shortens an id to its part that chance has made", () => {
  expect(shortId("0199a3c0-1111-7222-8333-44445555abcd")).toBe("5555-ABCD");
  expect(tagOf("a/b")).toBe("/desk/complaints/a%2Fb/tag");
});

it("takes photos and PDFs of a size, and ten at most", () => {
  const file = (type: string, size = 1) => ({ type, size });
  expect([unfit(file("image/jpeg"), 0), unfit(file("application/pdf"), 9)]).toEqual([null, null]);
  expect([unfit(file("text/html"), 0), unfit(file("image/png", MOST_BYTES + 1), 0), unfit(file("image/png"), 10)]).toEqual(["type", "size", "many"]);
});

it("sends photos by their hash and documents with their name, and finds them in the history", () => {
  const sent = fieldsOf([{ ref: "sha256:1", name: "a.jpg", photo: true }, { ref: "sha256:2", name: "8D.pdf", photo: false }]);
  expect(sent).toEqual({ photos: ["sha256:1"], documents: [{ sha256: "sha256:2", name: "8D.pdf" }] });
  const row = { said: sent } as unknown as Happened;
  expect([photosOf(row), documentsOf(row)]).toEqual([sent.photos, sent.documents]);
  expect(photosOf({ said: {} } as unknown as Happened)).toEqual([]);
});
