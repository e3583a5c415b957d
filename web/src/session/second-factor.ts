/** One's own second factor: setting one up, and turning it off. */
import { ask } from "./api";
import type { Session } from "./session";

export interface Standing {
  readonly since: string | null;
  readonly codes_left: number;
  /** Whether one signs in by a password; an account of the plant's provider is not asked for a code. */
  readonly possible: boolean;
  /** Whether one has to have it. */
  readonly wanted: boolean;
}
/** A secret that is not in use yet: `address` to be photographed, `key` to be typed, `sealed` to bring back. */
export interface Proposal {
  readonly key: string;
  readonly address: string;
  readonly sealed: string;
}
export interface Confirmed {
  readonly recovery_codes: readonly string[];
  readonly session: Session;
}

const again = (present: string) => ({ body: present ? { present_password: present } : {} });

export const standing = (): Promise<Standing> => ask("GET", "/session/second-factor");
/** Whoever is on the way in need not give the password again. */
export const propose = (present = ""): Promise<Proposal> => ask("POST", "/session/second-factor", again(present));
export const confirm = (sealed: string, code: string): Promise<Confirmed> =>
  ask("PUT", "/session/second-factor", { body: { sealed, code } });
export const turnOff = (present: string): Promise<void> => ask("POST", "/session/second-factor/end", again(present));
