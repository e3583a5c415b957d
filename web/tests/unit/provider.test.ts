import { afterEach, expect, it, vi } from "vitest";
import { hasProvider, leave, turnedAway } from "../../src/session/provider";

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

it("offers the plant's accounts only where the server has a provider of them", async () => {
  answers(200, { provider: true });
  expect(await hasProvider()).toBe(true);
  answers(200, { provider: false });
  expect(await hasProvider()).toBe(false);
});

it("leaves name and password when the ways cannot be asked", async () => {
  answers(404, { title: "", status: 404, detail: "" });
  expect(await hasProvider()).toBe(false);
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("away")));
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  expect(await hasProvider()).toBe(false);
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
