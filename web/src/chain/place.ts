/** Where in the chain a problem is: what to choose and to light when somebody clicks it. Pure. */
import { find, keyOf, linkKey, SECTIONS, type Chain, type Entry, type Section } from "./document";

/** As the server tells it. `where` is a JSON pointer. */
export interface Finding {
  readonly where: string;
  readonly detail: string;
  readonly code: string;
  readonly about: readonly string[];
}

export type Area = Section | "site" | "holidays";
export interface Place {
  readonly area: Area;
  readonly key: string;
}
export interface Located extends Finding {
  readonly error: boolean;
  readonly place: Place | null;
  /** The processes that it is about, on the drawing. */
  readonly processes: readonly string[];
  /** The links that it is about, by their keys. */
  readonly links: readonly string[];
}

export const placeName = ({ area, key }: Place): string => `${area}/${key}`;

/** `chain` is the one that was checked, since the pointer counts its entries. */
export function locate(chain: Chain, finding: Finding, error: boolean): Located {
  const place = placeOf(chain, finding.where);
  return { ...finding, error, place, processes: touched(chain, finding, place), links: cut(finding, place) };
}

function placeOf(chain: Chain, pointer: string): Place | null {
  const [first, ...rest] = pointer.split("/").slice(1);
  const [area, index] = first === "calendar" ? [rest[0], rest[1]] : [first, rest[0]];
  if (area === "site" || area === "holidays") return { area, key: "" };
  const section = SECTIONS.find((each) => each === area);
  const entry = section && (chain[section] as readonly Entry<Section>[])[Number(index)];
  return section && entry ? { area: section, key: keyOf(section, entry) } : null;
}

function touched(chain: Chain, finding: Finding, place: Place | null): readonly string[] {
  if (finding.code === "cycle") return finding.about;
  if (!place) return [];
  if (place.area === "processes") return [place.key];
  if (place.area === "stations") return [find(chain, "stations", place.key)?.process ?? ""];
  if (place.area === "defects") return [find(chain, "defects", place.key)?.origin ?? ""];
  return [];
}

function cut(finding: Finding, place: Place | null): readonly string[] {
  if (finding.code === "cycle")
    return finding.about.slice(1).map((customer, i) =>
      linkKey({ supplier: finding.about[i] ?? "", customer, relation: "process" }),
    );
  return place?.area === "links" ? [place.key] : [];
}
