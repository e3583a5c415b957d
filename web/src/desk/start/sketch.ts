/** A first chain from the names of the processes in their order. Pure; the server checks it as any other. */

export interface Site {
  readonly name: string;
  readonly timezone: string;
  readonly currency: string;
}

export interface Sketch {
  readonly line: string;
  /** One name per line, in the order in which the product passes. */
  readonly processes: string;
  /** Whether stations can call maintenance, material and quality. */
  readonly helpers: boolean;
}

export const MOST = 40;
/** Ids of the chain that stand for something else. */
const RESERVED = ["final-customer", "unclassified"];
/** Room is left for what is added to the id of a process: `-1` of a station, `-scratched` of a defect. */
const LONGEST = 20;

const HELPERS = [
  { id: "maintenance", name: { en: "Maintenance", zh: "设备维修" } },
  { id: "material", name: { en: "Material supply", zh: "物料配送" } },
  { id: "quality", name: { en: "Quality", zh: "质量" } },
] as const;

/** What goes wrong at nearly every process, to begin with. */
const STARTERS = [
  { word: "scratched", en: "scratched or dented", zh: "划伤磕碰", severity: "minor", pictogram: "scratch" },
  { word: "size", en: "wrong size", zh: "尺寸超差", severity: "major", pictogram: "dimension" },
  { word: "missing", en: "something missing", zh: "漏装缺件", severity: "major", pictogram: "missing" },
] as const;

/** An id for a name: its Latin letters and digits; where it has none, `fallback`. Never one that is taken. */
export function idFor(name: string, fallback: string, taken: Set<string>): string {
  const plain = name.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "");
  const word = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, LONGEST).replace(/-+$/, "") || fallback;
  let id = word;
  for (let n = 2; taken.has(id); n++) id = `${word.slice(0, LONGEST - 3)}-${n}`;
  taken.add(id);
  return id;
}

export const namesOf = (text: string): string[] =>
  text.split("\n").map((line) => line.trim().replace(/\s+/g, " ").slice(0, 64)).filter(Boolean);

export type Flaw = { readonly is: "few" | "many" } | { readonly is: "twice"; readonly name: string };

/** What keeps the names from being a line; null when they are one. */
export function flawOf(names: readonly string[]): Flaw | null {
  const again = names.find((name, i) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < i);
  if (again !== undefined) return { is: "twice", name: again };
  if (names.length > MOST) return { is: "many" };
  return names.length < 2 ? { is: "few" } : null;
}

/** The document of the chain: a station per process, links to the final customer, and starter defect codes. */
export function chainOf(site: Site, sketch: Sketch) {
  const taken = new Set<string>([...RESERVED, ...(sketch.helpers ? HELPERS.map(({ id }) => id) : [])]);
  const line = idFor(sketch.line, "line-1", new Set());
  const steps = namesOf(sketch.processes).map((name, i) => ({ id: idFor(name, `process-${i + 1}`, taken), name }));
  const helpers = sketch.helpers ? HELPERS : [];
  const after = (i: number) => steps[i + 1]?.id ?? "final-customer";
  return {
    site: { id: idFor(site.name, "site-1", new Set()), name: site.name, timezone: site.timezone, currency: site.currency },
    lines: [{ id: line, name: sketch.line, ...(steps.length ? { owner: steps.at(-1)!.id } : {}) }],
    processes: [
      ...steps.map(({ id, name }) => ({ id, name, line, owner: "process-owner" })),
      ...helpers.map(({ id, name }) => ({ id, name, kind: "function", owner: "process-owner" })),
    ],
    stations: steps.map(({ id, name }) => ({ id: `${id}-1`, name: `${name} 1`, process: id })),
    links: [
      ...steps.map(({ id }, i) => ({ supplier: id, customer: after(i) })),
      ...helpers.flatMap(({ id }) => steps.map((step) => ({ supplier: id, customer: step.id, relation: "function" }))),
    ],
    defects: steps.flatMap(({ id, name }, i) =>
      STARTERS.map(({ word, en, zh, severity, pictogram }) => ({
        code: `${id}-${word}`,
        name: { en: `${name}: ${en}`, zh: `${name}：${zh}` },
        severity,
        origin: id,
        inspected_by: [id, ...(steps[i + 1] ? [steps[i + 1]!.id] : [])],
        pictogram,
      })),
    ),
  };
}

/** The currency that goes without asking where the plant is. */
export const currencyOf = (timezone: string): string => (/^Asia\/(Shanghai|Urumqi|Chongqing|Harbin)$/.test(timezone) ? "CNY" : "EUR");
