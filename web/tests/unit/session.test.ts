import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as finish from "../../src/i18n/finish";
import * as mine from "../../src/i18n/mine";
import { language } from "../../src/i18n/language";
import { ask } from "../../src/session/api";
import { useStep } from "../../src/session/finishing";
import { become, chooseOwn, giveCode, onTheWay, session, signIn, type Session } from "../../src/session/session";
import { faults } from "./dictionaries";

const LI: Session = { id: "p-1", name: "Li Na", roles: [], csrf: "a", language: "zh-CN", lacks: null };
const asked: [string, RequestInit][] = [];

function answers(status: number, body: unknown): void {
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    asked.push([address, init]);
    return new Response(JSON.stringify(body), { status });
  });
}
beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("location", { search: "", pathname: "/desk" });
  vi.stubGlobal("localStorage", { getItem: () => "en" });
  become(null);
});
afterEach(() => {
  vi.unstubAllGlobals();
  language.value = "en";
});

it("is nobody's session while something is lacking, and sends its token all the same", async () => {
  answers(200, { ...LI, lacks: "code", csrf: "half" });
  await signIn("Li Na", "right");
  expect([session.value, onTheWay.value?.lacks]).toEqual([null, "code"]);
  answers(200, { ...LI, lacks: "own-password", csrf: "more" });
  await giveCode("123456");
  expect((asked[1]?.[1].headers as Record<string, string>)["X-CSRF-Token"]).toBe("half");
  expect(onTheWay.value?.lacks).toBe("own-password");
  answers(200, { ...LI, csrf: "whole" });
  await chooseOwn("what nobody else knows");
  expect([session.value?.csrf, onTheWay.value]).toEqual(["whole", null]);
  await ask("POST", "/anything");
  expect((asked[3]?.[1].headers as Record<string, string>)["X-CSRF-Token"]).toBe("whole");
});

it("says in the step's own words what is wrong, and otherwise how to go on", async () => {
  const { wrong, run } = useStep(() => ({ 422: "not these digits" }));
  for (const [status, said] of [
    [422, "not these digits"],
    [401, finish.t.value.over],
    [429, "Too many attempts. Wait a little, then try again."],
  ] as const) {
    answers(status, { title: "", status, detail: "" });
    await run(() => giveCode("000000"));
    expect(wrong.value).toBe(said);
  }
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("away")));
  await run(() => giveCode("000000"));
  expect(wrong.value).toContain("cannot be reached");
});

it("shows what was done in another tab meanwhile", async () => {
  become({ ...LI, lacks: "code" });
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) =>
    init.method === "GET" ? new Response(JSON.stringify(LI)) : new Response(JSON.stringify({ title: "", status: 409, detail: "" }), { status: 409 }),
  );
  await useStep(() => ({})).run(() => giveCode("123456"));
  expect([session.value?.name, onTheWay.value]).toEqual(["Li Na", null]);
});

it("has every wording in both languages", () => {
  expect(faults({ finish, mine })).toEqual([]);
});
