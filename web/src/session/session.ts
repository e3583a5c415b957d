/** Who is signed in on this page. */
import { shallowRef } from "vue";
import { choose } from "../i18n/language";
import { ask, Refusal } from "./api";
import type { Role } from "../live/model";

export interface Grant {
  readonly role: Role;
  readonly site: string | null;
  readonly line: string | null;
  readonly process: string | null;
}

export interface Session {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Grant[];
  readonly csrf: string;
  readonly language: string;
  /** What is still asked for before anything else; null when one is in. */
  readonly lacks: Lack | null;
}
export type Lack = "code" | "own-password" | "second-factor";

export const session = shallowRef<Session | null>(null);
/** Who is on the way in: the password was right, and something is still lacking. Then there is no `session`. */
export const onTheWay = shallowRef<Session | null>(null);

/** Whoever the server says one is now. */
export function become(said: Session | null): void {
  session.value = said?.lacks ? null : said;
  onTheWay.value = said?.lacks ? said : null;
}

/** Looks whether the cookie still stands for somebody. */
export async function recall(): Promise<void> {
  try {
    become(await ask<Session>("GET", "/session"));
  } catch (error) {
    if (!(error instanceof Refusal)) console.warn("who is signed in could not be asked", error);
    become(null);
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  const said = await ask<Session>("POST", "/session", { body: { name, password } });
  become(said);
  // The language of the person counts on a device where nobody chose one.
  if (!localStorage.getItem("threenos.language")) choose(said.language.startsWith("zh") ? "zh" : "en");
}

/** Another password; everywhere else one is signed out, and here goes on with a session of its own. */
export async function changePassword(present: string, next: string): Promise<void> {
  become(await ask<Session>("PATCH", "/session", { body: { password: next, present_password: present } }));
}

/** The code that the telephone shows, or a recovery code. */
export async function giveCode(code: string): Promise<void> {
  become(await ask<Session>("POST", "/session/code", { body: { code } }));
}

/** An own password in place of the one that an administrator gave. */
export async function chooseOwn(password: string): Promise<void> {
  become(await ask<Session>("POST", "/session/password", { body: { password } }));
}

export async function signOut(): Promise<void> {
  await ask("DELETE", "/session");
  become(null);
}

/** Whether one of the person's roles reaches a place. */
export function reaches(grants: readonly Grant[], line: string, processes: readonly (string | null)[]): boolean {
  return grants.some(
    (grant) => (!grant.line || grant.line === line) && (!grant.process || processes.includes(grant.process)),
  );
}
