/** My changes put on top of what somebody published meanwhile, as far as both touched different things. Pure. */
import { difference, same, type Change } from "./difference";
import { find, keyOf, type Chain, type Entry, type Section } from "./document";

export interface Rebased {
  readonly chain: Chain;
  /** What both changed, each in his own way; mine is in the chain. */
  readonly both: readonly Change[];
}

/** `base` is what my draft began with. */
export function rebase(base: Chain, mine: Chain, theirs: Chain): Rebased {
  const ours = difference(base, theirs);
  const both: Change[] = [];
  let chain = theirs;
  for (const change of difference(base, mine)) {
    const other = ours.find((x) => x.section === change.section && x.key === change.key);
    if (other && clash(change, other, mine, theirs)) both.push(change);
    chain = applied(chain, change, mine);
  }
  return { chain, both };
}

function clash(mine: Change, theirs: Change, myChain: Chain, theirChain: Chain): boolean {
  if (mine.what === "moved" || theirs.what === "moved") return false;
  if (mine.section !== "site" && mine.section !== "holidays" && mine.what === "added")
    return !same(find(myChain, mine.section, mine.key), find(theirChain, mine.section, mine.key));
  if (mine.what === "removed" && theirs.what === "removed") return false;
  if (mine.what !== "changed" || theirs.what !== "changed") return true;
  return mine.fields.some((x) => theirs.fields.some((y) => y.field === x.field && !same(x.after, y.after)));
}

function applied(chain: Chain, change: Change, mine: Chain): Chain {
  const patch = Object.fromEntries(change.fields.map(({ field, after }) => [field, after]));
  if (change.section === "site") return { ...chain, site: { ...chain.site, ...patch } };
  if (change.section === "holidays") return { ...chain, ...patch };
  if (change.what === "moved") return chain;
  return { ...chain, [change.section]: entries(chain, change.section, change, patch, mine) };
}

function entries(chain: Chain, section: Section, change: Change, patch: object, mine: Chain): readonly Entry<Section>[] {
  const all = chain[section] as readonly Entry<Section>[];
  if (change.what === "removed") return all.filter((entry) => keyOf(section, entry) !== change.key);
  const own = find(mine, section, change.key);
  if (!own) return all;
  if (!find(chain, section, change.key)) return [...all, own];
  const whole = change.what === "added" ? own : patch;
  return all.map((entry) => (keyOf(section, entry) === change.key ? { ...entry, ...whole } : entry));
}
