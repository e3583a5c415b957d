import { afterEach, describe, expect, it } from "vitest";
import * as admin from "../../src/i18n/admin";
import * as mine from "../../src/i18n/mine";
import * as people from "../../src/i18n/people";
import * as plant from "../../src/i18n/plant";
import * as watch from "../../src/i18n/watch";
import * as calendar from "../../src/i18n/calendar";
import * as rates from "../../src/i18n/rates";
import { bodyOf as ratesBody, countingOn, draftOf as ratesDraft } from "../../src/desk/admin/rates/rates";
import { language } from "../../src/i18n/language";
import { areaOf } from "../../src/desk/area";
import type { Duty, Station } from "../../src/desk/admin/api";
import { byShift, bodyOf, dateOf, draftOf } from "../../src/desk/admin/people/duty";
import { boardAddress } from "../../src/desk/admin/plant/address";
import { enrolmentOf, isLoopback, presenceOf } from "../../src/desk/admin/plant/health";
import { mayRoster, pagesFor, reachesLine, PLANT } from "../../src/desk/admin/rights";
import { explain } from "../../src/desk/admin/trouble";
import { Refusal } from "../../src/session/api";
import type { Role } from "../../src/live/model";
import { faults } from "./dictionaries";

afterEach(() => void (language.value = "en"));
const grant = (role: Role, line: string | null = null, process: string | null = null, site: string | null = null) => ({ role, site, line, process });

it("says everything in both languages", () => {
  // A PIN is called so in both.
  expect(faults({ admin, people, plant, watch, calendar, rates, mine })).toEqual(["people.pin"]);
});

it("knows its areas by their addresses", () => {
  expect(["/desk", "/desk/complaints/1", "/desk/admin", "/desk/admin/people/7", "/desk/start", "/desk/administer"].map(areaOf)).toEqual([
    "queue", "queue", "admin", "admin", "start", "queue",
  ]);
});

describe("rights", () => {
  it("open the pages of a role, and none to a worker", () => {
    expect(pagesFor([grant("worker")], "s")).toEqual(["mine"]);
    expect(pagesFor([grant("team-leader", "l1")], "s")).toEqual(["people", "rosters", "calendar", "stations", "drills", "notices", "mine"]);
    expect(pagesFor([grant("admin")], "s")).toContain("screens");
    expect(pagesFor([grant("admin", null, null, "elsewhere")], "s")).toEqual([]);
  });
  it("show the quarantine to roles of the whole site only", () => {
    expect(pagesFor([grant("supervisor", "l1")], "s")).not.toContain("quarantine");
    expect(pagesFor([grant("supervisor")], "s")).toContain("quarantine");
  });
  it("stay within the line and the process of a role", () => {
    expect(reachesLine([grant("supervisor", "l1")], PLANT, "s", "l1")).toBe(true);
    expect(reachesLine([grant("supervisor", "l1")], PLANT, "s", null)).toBe(false);
    expect(reachesLine([grant("supervisor", "l1", "p1")], PLANT, "s", "l1")).toBe(false);
    expect(mayRoster([grant("supervisor", "l1")], "s", null, null)).toBe(false);
    expect(mayRoster([grant("supervisor", "l1")], "s", "l1", "p1")).toBe(true);
    expect(mayRoster([grant("team-leader")], "s", "l1", null)).toBe(false);
  });
});

describe("trouble", () => {
  const refusal = (status: number, errors?: { pointer?: string; detail: string }[]) =>
    new Refusal({ title: "", status, detail: "the server's detail", ...(errors ? { errors } : {}) });
  it("says what happened, what was kept and what to do", () => {
    expect(explain(new TypeError("network")).said).toContain("kept");
    expect(explain(refusal(403)).said).toContain("Ask somebody");
    expect(explain(refusal(500)).said).toContain("tell whoever runs the server");
  });
  it("names a field in the language of the page, else in the server's words", () => {
    language.value = "zh";
    const found = explain(refusal(422, [{ pointer: "#/password", detail: "8 to 128" }, { pointer: "#/other", detail: "odd" }]));
    expect(found.details).toEqual(["密码为 8 至 128 个字符，且不能与姓名相同。", "服务器原文：odd"]);
  });
  it("takes a page's own words where a status means something special", () => {
    expect(explain(refusal(403), { 403: () => "the code is wrong" })).toEqual({ said: "the code is wrong", details: [] });
  });
});

describe("stations", () => {
  const now = Date.parse("2026-11-22T10:00:00Z");
  const station = (over: Partial<Station>): Station => ({
    id: "w1", line: "l", process: "p", name: null, enrolled_at: "2026-11-01T00:00:00Z", revoked_at: null, online: true,
    heard_at: "2026-11-22T09:59:55Z", silent_since: null, outbox: 0, version: "1", missing: 0, clock_skew_ms: 0, ...over,
  });
  it("are heard, silent, away or new", () => {
    expect(presenceOf(station({}), now)).toBe("online");
    expect(presenceOf(station({ silent_since: "2026-11-22T09:00:00Z" }), now)).toBe("silent");
    expect(presenceOf(station({ online: false }), now)).toBe("offline");
    expect(presenceOf(station({ heard_at: "2026-11-22T09:59:00Z" }), now)).toBe("offline");
    expect(presenceOf(station({ heard_at: null, online: null }), now)).toBe("unheard");
    expect(enrolmentOf(station({ revoked_at: "2026-11-02T00:00:00Z" }))).toBe("revoked");
    expect(enrolmentOf(station({ enrolled_at: null }))).toBe("new");
  });
  it("are warned of an address that leads nowhere else", () => {
    expect(["127.0.0.1", "localhost", "::1", "andon.plant", "10.0.0.1"].map(isLoopback)).toEqual([true, true, true, false, false]);
  });
  it("have screens with an address for the site or for a line", () => {
    expect(boardAddress("https://andon.plant", null, "a+b", null)).toBe("https://andon.plant/board#token=a%2Bb");
    expect(boardAddress("https://andon.plant", "l1", "t", "s")).toBe("https://andon.plant/board/l1?site=s#token=t");
  });
});

describe("rosters", () => {
  const duty = (id: string, shift: string | null): Duty => ({
    id, shift, person: "p", name: "P", role: "supervisor", line: null, process: null, from_on: "2026-11-22", to_on: null,
    stands_in_for: null, stands_in_for_name: null,
  });
  it("stand by shift in the calendar's order, also those of a shift that is gone", () => {
    const found = byShift([duty("1", "late"), duty("2", null), duty("3", "gone"), duty("4", "early")], [{ id: "early" }, { id: "late" }]);
    expect(found.map(({ shift, duties }) => [shift, duties.map(({ id }) => id)])).toEqual([
      [null, ["2"]], ["early", ["4"]], ["late", ["1"]], ["gone", ["3"]],
    ]);
  });
  it("are written as they were read", () => {
    const { id: _id, name: _name, stands_in_for_name: _other, ...kept } = duty("1", "late");
    expect(bodyOf(draftOf(duty("1", "late")))).toEqual(kept);
    expect(dateOf(new Date(2026, 0, 5).getTime())).toBe("2026-01-05");
  });
});

describe("cost rates", () => {
  const known = { from: "2026-01-01", rework_hour: 68, unit: { welding: 46.5 }, stop_minute: { l1: 85 } };
  it("have a field for every process and line, and send only what was set", () => {
    const draft = ratesDraft(known, ["welding", "painting"], ["l1", "l2"]);
    expect(draft.unit).toEqual({ welding: 46.5, painting: "" });
    draft.unit["painting"] = 0;
    expect(ratesBody(draft)).toEqual({ rework_hour: 68, unit: { welding: 46.5, painting: 0 }, stop_minute: { l1: 85 } });
    expect(ratesBody(ratesDraft(undefined, ["welding"], []))).toEqual({ unit: {}, stop_minute: {} });
  });
  it("count from their day on", () => {
    const sets = [known, { from: "2026-07-01" }];
    expect(["2025-12-31", "2026-06-30", "2026-07-01"].map((day) => countingOn(sets, day)?.from)).toEqual([undefined, "2026-01-01", "2026-07-01"]);
  });
});
