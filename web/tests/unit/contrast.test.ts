import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** Contrast of WCAG 2.2 between two colours written as #rrggbb. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const SRC = new URL("../../src/", import.meta.url).pathname;
const styleOf = (path: string, text: string): string =>
  path.endsWith(".css") ? text : [...text.matchAll(/<style[^>]*>([^]*?)<\/style>/g)].map(([, css]) => css).join("\n");
const styles = (readdirSync(SRC, { recursive: true }) as string[])
  .filter((path) => /\.(css|vue)$/.test(path))
  .map((path) => ({ path, text: styleOf(path, readFileSync(SRC + path, "utf8")) }));

/** The colours of a block `selector { --name: #value; }` of the tokens. */
function tokens(selector: string): Record<string, string> {
  const css = styles.find(({ path }) => path === "look/tokens.css")!.text;
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0]!;
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/gi)].map(([, name, value]) => [name!, value!]));
}
const bright = tokens(":root");
const THEMES = { bright, night: { ...bright, ...tokens(':root[data-theme="night"]') } };

/** A colour of a declaration: a token's, or one that is written out; null for what inherits or mixes. */
function colour(value: string, theme: Record<string, string>): string | null {
  const token = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (token) return theme[token] ?? null;
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(value)?.[0];
  return hex && hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join("")}` : (hex ?? null);
}

/** Every rule that says both what is written and on what. */
const RULES = styles.flatMap(({ path, text }) =>
  [...text.replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{}]+)\{([^{}]*)\}/g)].flatMap(([, selector, body]) => {
    const ink = /(?:^|[;\s])color:\s*([^;]+)/.exec(body!)?.[1]?.trim();
    const ground = /(?:^|[;\s])background(?:-color)?:\s*([^;]+)/.exec(body!)?.[1]?.trim();
    return ink && ground ? [{ where: `${path} ${selector!.trim()}`, ink, ground }] : [];
  }),
);

/** What stands on a ground that another rule gave. */
const INHERITED: readonly (readonly [string, string])[] = [
  ["ink", "page"], ["ink", "panel"], ["ink", "sunken"],
  ["muted", "page"], ["muted", "panel"], ["muted", "sunken"],
  ["on-bar", "bar"], ["bar-muted", "bar"],
];
/** Shapes that carry a meaning, and the ring that shows where the keyboard is. */
const SHAPES: readonly (readonly [string, string])[] = [
  ["focus", "page"], ["focus", "panel"], ["charge", "page"], ["muted", "panel"], ["red", "page"], ["blue", "page"], ["grey", "page"], ["green", "page"],
];

describe.each(Object.entries(THEMES))("the theme %s", (_name, theme) => {
  it("writes nothing that is hard to read on what it stands on", () => {
    const pairs = INHERITED.map(([ink, ground]) => ({ where: `${ink} on ${ground}`, ink: `var(--${ink})`, ground: `var(--${ground})` }));
    const poor = [...RULES, ...pairs].flatMap(({ where, ink, ground }) => {
      const [a, b] = [colour(ink, theme), colour(ground, theme)];
      const ratio = a && b ? contrast(a, b) : 21;
      return ratio < 4.5 ? [`${where}: ${ratio.toFixed(2)}`] : [];
    });
    expect(poor).toEqual([]);
  });

  it("shows shapes and the focus clearly", () => {
    const poor = SHAPES.filter(([a, b]) => contrast(theme[a]!, theme[b]!) < 3);
    expect(poor.map(([a, b]) => `${a} on ${b}: ${contrast(theme[a]!, theme[b]!).toFixed(2)}`)).toEqual([]);
  });
});

it("looks at every state colour with its ink", () => {
  const grounds = new Set(RULES.map(({ ground }) => ground));
  for (const state of ["red", "amber", "green", "grey", "blue"]) expect(grounds).toContain(`var(--${state})`);
  expect(RULES.length).toBeGreaterThan(40);
});
