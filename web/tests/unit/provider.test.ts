import { afterEach, expect, it, vi } from "vitest";
import { leave, turnedAway, waysIn } from "../../src/session/provider";

const answers = (status: number, body: unknown) => {
  const asked: [string, RequestInit | undefined][] = [];
  vi.stubGlobal("location", { search: "", pathname: "/desk" });
  vi.stubGlobal("fetch", async (address: string, init?: RequestInit) => {
    asked.push([address, init]);
    return new Response(JSON.stringify(body), { status });
  });
  return asked;
};
afterEach(() => vi.unstubAllGlobals());

it("asks the server for its ways in, and for what the plant tells everybody before", async () => {
  for (const ways of [{ provider: true, notice: "" }, { provider: false, notice: "Only for work." }]) {
    answers(200, ways);
    expect(await waysIn()).toEqual(ways);
  }
});

it("leaves name and password when the ways cannot be asked", async () => {
  answers(404, { title: "", status: 404, detail: "" });
  expect(await waysIn()).toEqual({ provider: false, notice: "" });
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("away")));
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  expect(await waysIn()).toEqual({ provider: false, notice: "" });
});

it("goes to the address that the server made, by a request that no other page can send", async () => {
  const asked = answers(200, { address: "https://id.plant/authorize?state=s" });
  const went: string[] = [];
  await leave((address) => went.push(address));
  expect(went).toEqual(["https://id.plant/authorize?state=s"]);
  expect([asked[0]?.[0], asked[0]?.[1]?.method]).toEqual(["/api/v1/session/provider", "POST"]);
});

it("knows why somebody who came back was not let in", () => {
  expect([turnedAway(""), turnedAway("?sign-in=away"), turnedAway("?sign-in=wait"), turnedAway("?sign-in=refused&x=1")]).toEqual([
    null, "away", "wait", "unknown",
  ]);
});
