/** From the server's document, which leaves out what is by default, to the chain of this page, and back. Pure. */
import { CLOCKS, DAYS, type Both, type Chain, type Entry, type Section } from "./document";

type Plain = Readonly<Record<string, unknown>>;
export interface ChainDocument extends Plain {
  readonly site: Plain;
}

const both = (name: unknown, fallback: unknown): Both => {
  if (name && typeof name === "object") return { en: "", zh: "", ...name };
  const text = String(name ?? fallback ?? "");
  return { en: text, zh: text };
};

/** What an entry of each section has when the document does not say it. */
const ABSENT: { readonly [S in Section]: Partial<Entry<S>> } = {
  lines: { stop_grace: 0, owner: null },
  processes: { kind: "step", owner: null, line: null },
  stations: { line: null },
  links: { relation: "process", standard: null },
  defects: { severity: "minor", inspected_by: [], pictogram: null, group: null },
  standards: { rules: [] },
  shifts: { days: [...DAYS], breaks: [] },
  rates: { rework_hour: 0, sort_hour: 0, unit: {}, stop_minute: {} },
};
const NAMED: readonly Section[] = ["lines", "processes", "stations", "defects", "shifts"];

function read<S extends Section>(section: S, entries: unknown): Entry<S>[] {
  return ((entries ?? []) as readonly Plain[]).map((given) => {
    const name = NAMED.includes(section) ? { name: both(given["name"], given["id"] ?? given["code"]) } : {};
    return { ...ABSENT[section], ...given, ...name } as unknown as Entry<S>;
  });
}

const RULE = { severity: null, ladder: null, ...Object.fromEntries(CLOCKS.map((clock) => [clock, null])) };

/** `document` as the server gives it: sound, durations in seconds. */
export function fromDocument(document: ChainDocument): Chain {
  const calendar = (document["calendar"] ?? {}) as Plain;
  const processes = read("processes", document["processes"]);
  const lineOf = new Map(processes.map(({ id, line }) => [id, line]));
  const site = document.site as unknown as Chain["site"];
  return {
    site: { ...site, name: both(site.name, site.id) },
    lines: read("lines", document["lines"]),
    processes,
    // A station's line is said only where its process does not say it, so that it moves with its process.
    stations: read("stations", document["stations"]).map((station) =>
      station.line === lineOf.get(station.process) ? { ...station, line: null } : station,
    ),
    links: read("links", document["links"]),
    defects: read("defects", document["defects"]),
    standards: read("standards", document["standards"]).map((standard) => ({
      ...standard,
      rules: standard.rules.map((rule) => ({ ...RULE, ...rule })),
    })),
    shifts: read("shifts", calendar["shifts"]),
    holidays: (calendar["holidays"] ?? []) as readonly string[],
    rates: read("rates", document["rates"]),
  };
}

/** Without what is not said; an empty ladder says that nobody is told. */
const said = (entry: object): Plain => Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));

export function toDocument(chain: Chain): ChainDocument {
  const { shifts, holidays, ...rest } = chain;
  return {
    site: said(rest.site),
    calendar: { shifts: shifts.map(said), holidays },
    lines: rest.lines.map(said),
    processes: rest.processes.map(said),
    stations: rest.stations.map(said),
    links: rest.links.map(said),
    defects: rest.defects.map(said),
    standards: rest.standards.map((standard) => ({ ...standard, rules: standard.rules.map(said) })),
    rates: rest.rates.map(said),
  };
}
