/** What the administration pages ask the server for, as it stands on the wire. */
import type { Name } from "../../i18n/language";
import type { Role } from "../../live/model";
import { ask, askVersioned } from "../../session/api";
import type { Grant } from "../../session/session";
import type { Calendar } from "./calendar/calendar";
import type { Rates } from "./rates/rates";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly active: boolean;
  readonly roles: readonly Grant[];
  /** Null for whoever is not the person's administrator. */
  readonly addresses: readonly string[] | null;
}

export interface Duty {
  readonly id: string;
  readonly person: string;
  readonly name: string | null;
  readonly role: Role;
  readonly line: string | null;
  readonly process: string | null;
  readonly shift: string | null;
  readonly from_on: string;
  readonly to_on: string | null;
  readonly stands_in_for: string | null;
  readonly stands_in_for_name: string | null;
}

export interface Shift {
  readonly id: string;
  readonly name: Name | string;
  readonly from: string;
  readonly until: string;
}

export interface Station {
  readonly id: string;
  readonly line: string | null;
  readonly process: string | null;
  readonly name: Name | null;
  readonly enrolled_at: string | null;
  readonly revoked_at: string | null;
  readonly online: boolean | null;
  readonly heard_at: string | null;
  readonly silent_since: string | null;
  readonly outbox: number | null;
  readonly version: string | null;
  readonly missing: number;
  readonly clock_skew_ms: number | null;
}

export interface Credentials {
  readonly station: string;
  readonly site: string;
  readonly username: string;
  readonly password: string;
  readonly upload_token: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly url: string;
  readonly toml: string;
}

export interface Screen {
  readonly id: string;
  readonly label: string;
  readonly line: string | null;
  readonly created_at: string;
  readonly revoked_at: string | null;
  readonly token: string | null;
}

const part = encodeURIComponent;

/** Everybody whom one may know; a plant has hundreds of people, so all pages of them are fetched. */
export async function people(): Promise<Person[]> {
  const found: Person[] = [];
  for (let cursor: number | null = 0; cursor !== null; ) {
    const page: { people: Person[]; next: number | null } = await ask("GET", `/people?limit=500&cursor=${cursor}`);
    found.push(...page.people);
    cursor = page.next;
  }
  return found;
}

export const person = (id: string): Promise<Person> => ask("GET", `/people/${part(id)}`);
export const addPerson = (body: object): Promise<Person> => ask("POST", "/people", { body });
export const changePerson = (id: string, body: object): Promise<Person> => ask("PATCH", `/people/${part(id)}`, { body });
export const forgetPerson = (id: string): Promise<void> => ask("DELETE", `/people/${part(id)}`);
export const badges = (id: string): Promise<{ pseudonym: string }[]> => ask("GET", `/people/${part(id)}/badges`);
export const giveBadge = (id: string, badge: string): Promise<unknown> =>
  ask("POST", `/people/${part(id)}/badges`, { body: { badge } });
export const takeBadge = (id: string, badge: string): Promise<void> =>
  ask("DELETE", `/people/${part(id)}/badges/${part(badge)}`);
export const givePin = (id: string): Promise<{ pin: string }> => ask("POST", `/people/${part(id)}/pin`);
export const factorOf = (id: string): Promise<{ since: string | null }> => ask("GET", `/people/${part(id)}/second-factor`);
export const takeFactor = (id: string): Promise<void> => ask("DELETE", `/people/${part(id)}/second-factor`);
export const takePin = (id: string): Promise<void> => ask("DELETE", `/people/${part(id)}/pin`);

export const duties = (on: string): Promise<Duty[]> => ask("GET", `/rosters${on ? `?on=${part(on)}` : ""}`);
export const putDuty = (id: string | null, body: object): Promise<Duty> =>
  id ? ask("PUT", `/rosters/${part(id)}`, { body }) : ask("POST", "/rosters", { body });
export const removeDuty = (id: string): Promise<void> => ask("DELETE", `/rosters/${part(id)}`);
export const shifts = async (): Promise<readonly Shift[]> =>
  (await ask<{ calendar: { shifts?: readonly Shift[] } }>("GET", "/calendar")).calendar.shifts ?? [];
export async function calendar(): Promise<{ readonly said: Calendar; readonly version: number }> {
  const { said, version } = await askVersioned<{ calendar: Calendar }>("/calendar");
  return { said: said.calendar, version };
}
export const saveCalendar = (body: Calendar, version: number): Promise<{ version: number }> =>
  ask("PATCH", "/calendar", { body, version });

export async function rates(): Promise<{ readonly said: readonly Rates[]; readonly version: number }> {
  const { said, version } = await askVersioned<{ rates: readonly Rates[] }>("/rates");
  return { said: said.rates, version };
}
/** Sets of rates by their first day; null removes one. */
export const saveRates = (changes: Readonly<Record<string, Omit<Rates, "from"> | null>>, version: number): Promise<unknown> =>
  ask("PATCH", "/rates", { body: { rates: changes }, version });

export const stations = (): Promise<Station[]> => ask("GET", "/stations");
export const enrol = (id: string): Promise<Credentials> => ask("POST", `/stations/${part(id)}/credentials`);
export const revokeStation = (id: string): Promise<void> => ask("DELETE", `/stations/${part(id)}/credentials`);

export const armDrill = (line: string): Promise<unknown> => ask("POST", "/drills", { body: { line } });
export const endDrill = (line: string): Promise<void> => ask("DELETE", `/drills/${part(line)}`);

export const screens = (): Promise<Screen[]> => ask("GET", "/board-tokens");
export const addScreen = (label: string, line: string | null): Promise<Screen> =>
  ask("POST", "/board-tokens", { body: { label, line } });
export const revokeScreen = (id: string): Promise<void> => ask("DELETE", `/board-tokens/${part(id)}`);

/** A browser in which one is signed in. */
export interface OpenSession {
  readonly id: string;
  readonly begun_at: string;
  readonly seen_at: string;
  readonly here: boolean;
}
export const sessions = (): Promise<OpenSession[]> => ask("GET", "/sessions");
/** Ends the session of that id, or with null all others. */
export const endSessions = (id: string | null, present: string): Promise<void> =>
  ask("POST", "/sessions/end", { body: { ...(id ? { session: id } : {}), ...(present ? { present_password: present } : {}) } });

export interface Notice {
  readonly id: string;
  readonly person: string | null;
  readonly role: string | null;
  readonly kind: string;
  readonly complaint: string | null;
  readonly line: string | null;
  readonly created_at: string;
  readonly next_try_at: string | null;
  readonly sent_at: string | null;
  readonly attempts: number;
  readonly state: string;
  readonly reason: string;
  readonly error: string | null;
}

export interface Deadline {
  readonly complaint: string;
  readonly line: string;
  readonly round: number;
  readonly clock: string;
  readonly level: number;
  readonly role: string | null;
  readonly due_at: string;
}

/** Something that the server could not take. */
export interface Piece {
  readonly id: number;
  readonly station: string | null;
  readonly topic: string;
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
  readonly size: number;
  readonly at: string;
  readonly times: number;
  readonly settled_at: string | null;
  readonly settled_how: string | null;
}

export const notices = (state: string | null, cursor: string | null): Promise<{ notices: Notice[]; next: string | null }> =>
  ask("GET", `/notices?limit=50${state ? `&state=${state}` : ""}${cursor ? `&cursor=${part(cursor)}` : ""}`);
export const deadlines = async (limit: number): Promise<Deadline[]> =>
  (await ask<{ deadlines: Deadline[] }>("GET", `/deadlines?limit=${limit}`)).deadlines;

export const quarantine = (settled: boolean, cursor: number | null): Promise<{ items: Piece[]; next: number | null }> =>
  ask("GET", `/quarantine?settled=${settled}&limit=50${cursor ? `&cursor=${cursor}` : ""}`);
export const retryPiece = (id: number): Promise<{ accepted: string[] }> => ask("POST", `/quarantine/${id}/retry`);
export const discardPiece = (id: number, reason: string): Promise<void> =>
  ask("POST", `/quarantine/${id}/discard`, { body: { reason } });
