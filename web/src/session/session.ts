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
}

export const session = shallowRef<Session | null>(null);

/** Looks whether the cookie still stands for somebody. */
export async function recall(): Promise<void> {
  try {
    session.value = await ask<Session>("GET", "/session");
  } catch (error) {
    if (!(error instanceof Refusal)) console.warn("who is signed in could not be asked", error);
    session.value = null;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  session.value = await ask<Session>("POST", "/session", { body: { name, password } });
  // The language of the person counts on a device where nobody chose one.
  const kept = localStorage.getItem("threenos.language");
  if (!kept && session.value) choose(session.value.language.startsWith("zh") ? "zh" : "en");
}

/** Another password; everywhere else one is signed out, and here goes on with a session of its own. */
export async function changePassword(present: string, next: string): Promise<void> {
  session.value = await ask<Session>("PATCH", "/session", { body: { password: next, present_password: present } });
}

export async function signOut(): Promise<void> {
  await ask("DELETE", "/session");
  session.value = null;
}

/** Whether one of the person's roles reaches a place. */
export function reaches(grants: readonly Grant[], line: string, processes: readonly (string | null)[]): boolean {
  return grants.some(
    (grant) => (!grant.line || grant.line === line) && (!grant.process || processes.includes(grant.process)),
  );
}
