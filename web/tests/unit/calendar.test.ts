import { expect, it } from "vitest";
import { calendarOf, draftOf, faultsOf, nextShift, weekOf, workedMinutes, type Shift } from "../../src/desk/admin/calendar/calendar";

const NIGHT = { id: "night", name: { en: "Night", zh: "夜班" }, from: "22:00", until: "06:00", days: ["sun"], breaks: ["00:30-01:00"] };
const draft = (...changes: Partial<Shift>[]) => {
  const { shifts, holidays } = draftOf({ shifts: [NIGHT], holidays: ["2026-10-01..2026-10-07", "2027-01-01"] });
  return { shifts: changes.length ? changes.map((change) => ({ ...shifts[0]!, ...change })) : shifts, holidays };
};

it("reads and writes the document without changing it", () => {
  const given = { shifts: [NIGHT], holidays: ["2026-10-01..2026-10-07", "2027-01-01"] };
  expect(calendarOf(draftOf(given))).toEqual(given);
  expect(draftOf({ shifts: [{ id: "a", name: "Day", from: "06:00", until: "14:00" }] }).shifts[0]).toMatchObject({
    name: { en: "Day", zh: "Day" }, days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], breaks: [],
  });
  expect(calendarOf(draft({ name: { en: "", zh: " 夜班 " } })).shifts?.[0]?.name).toEqual({ zh: "夜班" });
});

it("goes on after the last shift, under an id of its own", () => {
  const made = nextShift(draft({ id: "shift-2" }));
  expect([made.id, made.from, made.until]).toEqual(["shift-3", "06:00", "14:00"]);
  expect(nextShift({ shifts: [], holidays: [] }).from).toBe("06:00");
});

it("says what the server would refuse", () => {
  const kinds = (...changes: Partial<Shift>[]) => faultsOf(draft(...changes)).map(({ is }) => is);
  expect(kinds()).toEqual([]);
  expect(kinds({ name: { en: " ", zh: "" } }, { days: [] }, { until: "" })).toEqual(["name", "days", "time"]);
  expect(kinds({ breaks: [{ from: "05:50", until: "06:10" }] })).toEqual(["breaks"]);
  expect(kinds({ breaks: [{ from: "23:00", until: "00:00" }, { from: "23:30", until: "00:10" }] })).toEqual(["breaks"]);
  expect(kinds({ breaks: [{ from: "05:30", until: "06:00" }, { from: "22:00", until: "22:30" }] })).toEqual([]);
  expect(faultsOf({ shifts: [], holidays: [{ first: "2027-01-02", last: "2027-01-01" }] })).toEqual([{ is: "holiday" }]);
});

it("cuts a night at midnight, also from Sunday to Monday, and leaves out its break", () => {
  expect(weekOf(draft().shifts).map(({ day, begin, end }) => [day, begin, end])).toEqual([
    [6, 1320, 1440], [0, 0, 30], [0, 60, 360],
  ]);
  expect(workedMinutes(weekOf(draft().shifts))).toBe(450);
  expect(weekOf(draft({ until: "22:00", breaks: [] }).shifts)).toHaveLength(2);
});

it("counts what two shifts work at the same time once", () => {
  const both = draft({ breaks: [] }, { id: "other", from: "04:00", until: "10:00", days: ["mon"], breaks: [] });
  expect(workedMinutes(weekOf(both.shifts))).toBe(8 * 60 + 4 * 60);
});
