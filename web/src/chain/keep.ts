/** The draft on this device: it outlives a reload, a crash and a session that ended. */
import type { Chain } from "./document";

export interface Kept {
  /** The version that the draft began with; 0 where there was none. */
  readonly version: number;
  readonly chain: Chain;
}

/** The form in which it is kept; a draft of another form is not read. */
const FORM = 1;
/** Two people at one desk have a draft each. */
const name = (person: string, site: string) => `threenos.chain.draft.${person}.${site}`;

export function kept(person: string, site: string): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(name(person, site)) ?? "null") as (Kept & { form: number }) | null;
    return found?.form === FORM ? found : null;
  } catch {
    return null;
  }
}

/** False when the device has no room for it. */
export function keep(person: string, site: string, draft: Kept | null): boolean {
  try {
    if (draft) localStorage.setItem(name(person, site), JSON.stringify({ form: FORM, ...draft }));
    else localStorage.removeItem(name(person, site));
    return true;
  } catch {
    return false;
  }
}
