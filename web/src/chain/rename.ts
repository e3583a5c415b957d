/** A new id for an entry, and in everything that names it. Pure. */
import { find, keyOf, type Chain, type Entry, type Section } from "./document";

/** Unchanged when the id is taken, so that two entries never become one by a typo. */
export function rename(chain: Chain, section: Exclude<Section, "links" | "rates">, from: string, to: string): Chain {
  if (from === to || find(chain, section, to)) return chain;
  const own = section === "defects" ? "code" : "id";
  const entries: readonly Entry<Section>[] = chain[section];
  const named: Chain = { ...chain, [section]: entries.map((x) => (keyOf(section, x) === from ? { ...x, [own]: to } : x)) };
  const is = (id: string) => (id === from ? to : id);
  const maybe = (id: string | null) => (id === from ? to : id);
  if (section === "processes") return renameProcess(named, is);
  if (section === "lines") return renameLine(named, is, maybe);
  if (section === "standards") return { ...named, links: named.links.map((x) => ({ ...x, standard: maybe(x.standard) })) };
  return named;
}

const keys = <T>(record: Readonly<Record<string, T>>, is: (id: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [is(key), value]));

function renameProcess(chain: Chain, is: (id: string) => string): Chain {
  return {
    ...chain,
    lines: chain.lines.map((line) => ({ ...line, owner: line.owner === null ? null : is(line.owner) })),
    stations: chain.stations.map((station) => ({ ...station, process: is(station.process) })),
    links: chain.links.map((link) => ({ ...link, supplier: is(link.supplier), customer: is(link.customer) })),
    defects: chain.defects.map((x) => ({ ...x, origin: is(x.origin), inspected_by: x.inspected_by.map(is) })),
    rates: chain.rates.map((rates) => ({ ...rates, unit: keys(rates.unit, is) })),
  };
}

function renameLine(chain: Chain, is: (id: string) => string, maybe: (id: string | null) => string | null): Chain {
  return {
    ...chain,
    processes: chain.processes.map((process) => ({ ...process, line: maybe(process.line) })),
    stations: chain.stations.map((station) => ({ ...station, line: maybe(station.line) })),
    rates: chain.rates.map((rates) => ({ ...rates, stop_minute: keys(rates.stop_minute, is) })),
  };
}
