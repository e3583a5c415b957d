import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { png } from "../../icons";
import type { AgentDocument } from "../../src/station/model";
import { refusedBy } from "../../src/station/refusals";
import { asRemembered } from "../../src/station/remembered";
import { sha256 } from "../../src/station/sha256";

const hashed = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("the name of a photo", () => {
  it("is the hash that the agent and the server give it", () => {
    expect(sha256(new TextEncoder().encode("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
  it("is right around the ends of blocks and for a large one", () => {
    for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 300_001]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 7)) & 0xff);
      expect(sha256(bytes)).toBe(hashed(bytes));
    }
  });
});

describe("what the tablet remembers", () => {
  const heard: AgentDocument = {
    station: "w2", server: { heard: true, since: "2026-11-22T08:00:00.000Z", at: "2026-11-22T09:00:00.000Z" },
    setup: null, state: null, outbox: { waiting: 2, oldest_at: null }, parked: [], presses: [],
  };
  it("says that nobody is heard now, and keeps the rest", () => {
    expect(asRemembered(heard)).toEqual({ ...heard, server: { heard: false, since: heard.server.since, at: null } });
  });
  it("shows a photo that the agent will never take", () => {
    const found = refusedBy(heard, [], new Set(), new Map([["sha256:00", "no picture"]]));
    expect(found).toEqual([{ id: "sha256:00", kind: "photo", reason: "schema", detail: "no picture", own: true }]);
  });
});

describe("the icons", () => {
  const svg = readFileSync(new URL("../../src/look/icon.svg", import.meta.url), "utf8");
  const pixels = (size: number, full: boolean) => {
    const file = png(svg, size, full);
    const at = file.indexOf("IDAT");
    const raw = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
    return (x: number, y: number) => [...raw.subarray(y * (size * 4 + 1) + 1 + x * 4).subarray(0, 4)];
  };
  it("are the SVG, with clear corners", () => {
    const of = pixels(64, false);
    expect(of(0, 0)[3]).toBe(0);
    expect(of(4, 32)).toEqual([0x15, 0x19, 0x1f, 255]);
    expect(of(45, 20)).toEqual([0xf2, 0xb9, 0x1d, 255]);
    expect(of(32, 32)).toEqual([0xd3, 0x22, 0x2a, 255]);
  });
  it("fill their corners where the system cuts its own shape", () => {
    expect(pixels(64, true)(0, 0)).toEqual([0x15, 0x19, 0x1f, 255]);
  });
});
