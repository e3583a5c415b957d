import { describe, expect, it } from "vitest";
import { looksTheSame } from "../../src/session/command";
import { card } from "./cards";

describe("a command that the server answers with a conflict", () => {
  const seen = card({ state: "open", level: -1, version: 1 });

  it("is given again when only a clock moved the complaint", () => {
    expect(looksTheSame(seen, { ...seen, version: 2, level: 0, late: ["acknowledge"] })).toBe(true);
  });

  it.each([{ state: "acknowledged" }, { round: 2 }, { made_at: "welding" }, { attribution: "disputed" }, { qty: 9 }])(
    "is put to the person again when something changed that he judged by: %o",
    (change) => expect(looksTheSame(seen, { ...seen, version: 2, ...change })).toBe(false),
  );
});
