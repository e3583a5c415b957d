/** What a person can do to a chain; each gives a new chain in which everything still refers to something. Pure. */
import { FINAL, find, keyOf, linkKey, type Chain, type Entry, type Link, type Process, type Section } from "./document";

export function add<S extends Section>(chain: Chain, section: S, entry: Entry<S>): Chain {
  return { ...chain, [section]: [...chain[section], entry] };
}

/** Some fields of one entry. An id changes by `rename`, a kind by `setKind`. */
export function put<S extends Section>(chain: Chain, section: S, key: string, patch: Partial<Entry<S>>): Chain {
  const entries = chain[section] as readonly Entry<S>[];
  return { ...chain, [section]: entries.map((entry) => (keyOf(section, entry) === key ? { ...entry, ...patch } : entry)) };
}

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

/** Removes an entry and what cannot be without it; what merely names it forgets it. */
export function remove(chain: Chain, section: Section, key: string): Chain {
  const entries: readonly Entry<Section>[] = chain[section];
  const rest: Chain = { ...chain, [section]: entries.filter((entry) => keyOf(section, entry) !== key) };
  if (section === "processes") return forgetProcess(rest, key);
  if (section === "lines") return forgetLine(rest, key);
  if (section !== "standards") return rest;
  return { ...rest, links: rest.links.map((link) => (link.standard === key ? { ...link, standard: null } : link)) };
}

function forgetProcess(chain: Chain, id: string): Chain {
  const inspectors = (names: readonly string[]) => names.filter((name) => name !== id);
  return {
    ...chain,
    stations: chain.stations.filter((station) => station.process !== id),
    links: chain.links.filter((link) => link.supplier !== id && link.customer !== id),
    defects: chain.defects
      .filter((defect) => defect.origin !== id)
      .map((defect) => ({ ...defect, inspected_by: inspectors(defect.inspected_by) })),
    lines: chain.lines.map((line) => (line.owner === id ? { ...line, owner: null } : line)),
    rates: chain.rates.map((rates) => ({ ...rates, unit: without(rates.unit, id) })),
  };
}

function forgetLine(chain: Chain, id: string): Chain {
  const off = <T extends { readonly line: string | null }>(x: T): T => (x.line === id ? { ...x, line: null } : x);
  return {
    ...chain,
    processes: chain.processes.map(off),
    stations: chain.stations.map(off),
    rates: chain.rates.map((rates) => ({ ...rates, stop_minute: without(rates.stop_minute, id) })),
  };
}

/** How much goes with a process when it goes. */
export const goesWith = (chain: Chain, id: string) => ({
  stations: chain.stations.filter((station) => station.process === id).length,
  links: chain.links.filter((link) => link.supplier === id || link.customer === id).length,
  defects: chain.defects.filter((defect) => defect.origin === id).length,
});

/** A function serves all lines: its line becomes that of its stations, and what it supplies becomes its service. */
export function setKind(chain: Chain, id: string, kind: Process["kind"]): Chain {
  const line = find(chain, "processes", id)?.line ?? null;
  const [from, to] = kind === "function" ? (["process", "function"] as const) : (["function", "process"] as const);
  const turned = (link: Link): Link => (link.supplier === id && link.relation === from ? { ...link, relation: to } : link);
  const seen = new Set<string>();
  const changed = put(chain, "processes", id, { kind, ...(kind === "function" ? { line: null } : {}) });
  return {
    ...changed,
    stations: chain.stations.map((x) => (kind === "function" && x.process === id && !x.line ? { ...x, line } : x)),
    links: chain.links.map(turned).filter((link) => !seen.has(linkKey(link)) && seen.add(linkKey(link))),
  };
}

const kindOf = (chain: Chain, id: string) => (id === FINAL ? "step" : find(chain, "processes", id)?.kind);

/** Links two processes as their kinds suggest, with the standard that most such links have. The same link stays one. */
export function link(chain: Chain, supplier: string, customer: string): Chain {
  if (supplier === customer || supplier === FINAL) return chain;
  const relation = kindOf(chain, supplier) === "function" ? "function" : kindOf(chain, customer) === "function" ? "flow" : "process";
  if (find(chain, "links", linkKey({ supplier, customer, relation }))) return chain;
  const standard = customer === FINAL ? null : usualStandard(chain, relation);
  return add(chain, "links", { supplier, customer, relation, standard });
}

function usualStandard(chain: Chain, relation: Link["relation"]): string | null {
  const counts = new Map<string, number>();
  for (const each of chain.links)
    if (each.relation === relation && each.standard) counts.set(each.standard, (counts.get(each.standard) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** An id made of a text, that no entry of the section has. */
export function freeId(chain: Chain, section: Section, text: string, fallback: string): string {
  const plain = text.toLowerCase().normalize("NFD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const stem = (plain || fallback).slice(0, 28).replace(/-+$/, "");
  const taken = new Set((chain[section] as readonly Entry<Section>[]).map((entry) => keyOf(section, entry)));
  if (section === "processes") taken.add(FINAL).add("unclassified");
  let id = stem;
  for (let n = 2; taken.has(id); n += 1) id = `${stem}-${n}`;
  return id;
}
