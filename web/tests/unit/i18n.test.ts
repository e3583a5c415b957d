import { afterEach, describe, expect, it } from "vitest";
import { d, roleName } from "../../src/i18n/domain";
import * as chain from "../../src/i18n/chain";
import { p as problems } from "../../src/i18n/chain-problems";
import * as board from "../../src/i18n/board";
import * as desk from "../../src/i18n/desk";
import * as people from "../../src/i18n/people";
import * as station from "../../src/i18n/station";
import { b as bands } from "../../src/i18n/station-bands";
import { clock, dateTime, day, number, span } from "../../src/i18n/format";
import { language, nameOf } from "../../src/i18n/language";

const speak = (to: "en" | "zh") => void (language.value = to);
afterEach(() => speak("en"));

/** Every text of a dictionary by its path; a wording with values is tried with values. */
function texts(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === "string") return [[`${path}${key}`, value] as [string, string]];
    if (typeof value === "function") return [[`${path}${key}`, String(value(3, 4))] as [string, string]];
    return texts(value as object, `${path}${key}.`);
  });
}

describe("both languages", () => {
  const dictionaries = () =>
    Object.entries({ domain: d.value, board: board.t.value, desk: desk.t.value, station: station.t.value, bands: bands.value, chain: chain.t.value, problems: problems.value }).flatMap(
      ([name, words]) => texts(words, `${name}.`),
    );

  it("have every wording, none empty, and no English left in the Chinese", () => {
    speak("en");
    const english = new Map(dictionaries());
    speak("zh");
    const chinese = dictionaries();
    expect(chinese.map(([path]) => path).sort()).toEqual([...english.keys()].sort());
    const lost = chinese.filter(([path, text]) => text.trim() === "" || (text === english.get(path) && /[a-z]{3}/i.test(text)));
    // The title of a station's page is the station's own name, and a PIN is called so in both.
    const alike = ["station.title", "station.resume.pin"];
    expect(lost.map(([path]) => path).filter((path) => !alike.includes(path))).toEqual([]);
  });

  it("punctuate Chinese as Chinese", () => {
    speak("zh");
    expect(dictionaries().filter(([, text]) => /[\u4e00-\u9fff][,:;?!]/.test(text))).toEqual([]);
  });
});

describe("one word for one thing", () => {
  it("calls a stop that was overridden the same on the board and in the history, and not like a release", () => {
    for (const to of ["en", "zh"] as const) {
      speak(to);
      const { event, command } = desk.t.value;
      expect(board.t.value.alarm.runsOn).toBe(event.override);
      const word = to === "en" ? /overrid/i : /取消/;
      expect([event.override, command.override].filter((text) => !word.test(text))).toEqual([]);
      expect([event.release, command.release].filter((text) => word.test(text))).toEqual([]);
    }
  });

  it("calls a PIN so where it is given out and where it is typed, and a password otherwise", () => {
    for (const to of ["en", "zh"] as const) {
      speak(to);
      expect([people.t.value.pin, station.t.value.resume.pin]).toEqual(["PIN", "PIN"]);
      expect(station.t.value.resume.need).toContain("PIN");
      const typed = texts({ station: station.t.value, bands: bands.value });
      expect(typed.filter(([, text]) => /密码|password/i.test(text))).toEqual([]);
    }
  });
});

describe("formats", () => {
  it("show clocks alike in both", () => {
    expect([0, 59, 60, 3599, 3600, -5].map(clock)).toEqual(["0:00", "0:59", "1:00", "59:59", "1:00:00", "0:00"]);
  });
  it("say spans, numbers and dates by language", () => {
    expect([45, 200, 7500, 100_800].map(span)).toEqual(["45 s", "3 min", "2 h 5 min", "1 d 4 h"]);
    expect(number(1234.5)).toBe("1,234.5");
    expect(day("2026-12-04")).toBe("4 Dec 2026");
    speak("zh");
    expect([45, 200, 7500, 100_800].map(span)).toEqual(["45 秒", "3 分", "2 小时 5 分", "1 天 4 小时"]);
    expect(day("2026-12-04")).toContain("2026年12月4日");
    expect(dateTime("2026-12-04T10:00:00Z")).toContain("2026年12月");
  });
  it("fall back to the other language, then to the id", () => {
    speak("zh");
    expect(nameOf({ en: "Welding" }, "w")).toBe("Welding");
    expect(nameOf(null, "w")).toBe("w");
    expect(roleName("team-leader")).toBe("班组长");
    expect(roleName("stranger")).toBe("stranger");
  });
});
