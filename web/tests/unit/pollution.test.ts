import { expect, it } from "vitest";
import { fold } from "../../src/live/fold";
import type { Delta, Snapshot } from "../../src/live/model";
import { card } from "./cards";

const board = { seq: 1, at: "", lines: [{ id: "l1" }], stations: [{ id: "s1" }], complaints: [card({ id: "c1" })], today: {} };

it.each(["__proto__", "constructor", "prototype"])("changes no other object when something is called %s", (name) => {
  const delta = JSON.parse(
    `{"prev":1,"seq":2,"at":"","lines":{"${name}":{"polluted":1}},"stations":{"${name}":{"polluted":1}},"complaints":{"${name}":null}}`,
  ) as Delta;
  const after = fold(board as unknown as Snapshot, delta);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect([after.lines, after.stations, after.complaints.length]).toEqual([board.lines, board.stations, 1]);
});
