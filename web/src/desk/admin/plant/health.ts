/** How a station is, in few words, from what the server tells of it. Pure. */
import type { Station } from "../api";

/** A station says every ten seconds that it is there; after three times nothing it is not. */
const DEAD_S = 30;

export type Presence = "online" | "silent" | "offline" | "unheard";
export type Enrolment = "new" | "enrolled" | "revoked";

export function presenceOf(station: Station, now: number): Presence {
  if (station.heard_at === null) return "unheard";
  if (station.silent_since !== null) return "silent";
  if (station.online && now - Date.parse(station.heard_at) <= DEAD_S * 1000) return "online";
  return "offline";
}

export function enrolmentOf(station: Station): Enrolment {
  if (station.revoked_at !== null) return "revoked";
  return station.enrolled_at === null ? "new" : "enrolled";
}

/** Whether an address leads back to the machine on which it is used. */
export const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");
