/** Signing in with the plant's own accounts, where the server has a provider of them. */
import { ask, Refusal } from "./api";

/** Why somebody who came back from the provider is at the form again. */
export type Why = "unknown" | "away" | "wait";

/** How one may sign in here, and what the plant tells everybody before; without it the notice is empty. */
export interface Ways {
  readonly provider: boolean;
  readonly notice: string;
}

/** What the server says of it; when that cannot be asked, name and password are the way. */
export async function waysIn(): Promise<Ways> {
  try {
    return await ask<Ways>("GET", "/session/ways");
  } catch (error) {
    if (!(error instanceof Refusal)) console.warn("the ways to sign in could not be asked", error);
    return { provider: false, notice: "" };
  }
}

/** To the provider's own page, which sends the browser back to the desk. */
export async function leave(go: (address: string) => void = (address) => location.assign(address)): Promise<void> {
  go((await ask<{ readonly address: string }>("POST", "/session/provider")).address);
}

/** What the way back says in the address of the desk; null for everybody who did not come that way. */
export function turnedAway(search: string): Why | null {
  const why = new URLSearchParams(search).get("sign-in");
  return why === null ? null : why === "away" || why === "wait" ? why : "unknown";
}
