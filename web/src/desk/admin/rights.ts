/** What the person may see and do here. The server decides; this only keeps away what it would refuse. Pure. */
import type { PageName } from "../../i18n/admin";
import type { Role } from "../../live/model";
import type { Grant } from "../../session/session";

const BUT_WORKERS: readonly Role[] = [
  "team-leader", "supervisor", "process-owner", "quality-engineer", "director", "admin", "auditor",
];
export const ADMIN: readonly Role[] = ["admin"];
export const PLANT: readonly Role[] = ["admin", "supervisor"];
/** The calendar is part of the chain, which whoever has the role for the whole site changes. */
export const CALENDAR: readonly Role[] = ["admin", "quality-engineer"];
export const DRILLS: readonly Role[] = ["supervisor"];
export const NOTICES: readonly Role[] = ["supervisor", "auditor"];
/** Of the whole site only: whoever is limited to a line does not see what came from nowhere. */
const QUARANTINE: readonly Role[] = ["admin", "supervisor", "auditor"];

/** Who sees which page, in the order of the menu. */
const PAGES: readonly (readonly [PageName, readonly Role[]])[] = [
  ["people", ["admin", "supervisor", "quality-engineer", "auditor", "team-leader"]],
  ["rosters", BUT_WORKERS],
  ["calendar", BUT_WORKERS],
  ["rates", ["admin", "supervisor", "process-owner", "quality-engineer", "director", "auditor"]],
  ["stations", BUT_WORKERS],
  ["drills", BUT_WORKERS],
  ["screens", PLANT],
  ["notices", BUT_WORKERS],
  ["quarantine", QUARANTINE],
  ["mine", ["worker", ...BUT_WORKERS]],
];

/** Whether one of the grants is of one of the roles, at that site. */
export function holds(grants: readonly Grant[], roles: readonly Role[], site: string): boolean {
  return grants.some((grant) => roles.includes(grant.role) && (!grant.site || grant.site === site));
}

/** Whether the role reaches the whole of a line; a line of null is the whole site. */
export function reachesLine(grants: readonly Grant[], roles: readonly Role[], site: string, line: string | null): boolean {
  return grants.some(
    (grant) =>
      roles.includes(grant.role) &&
      (!grant.site || grant.site === site) &&
      (!grant.line || grant.line === line) &&
      !grant.process,
  );
}

/** Whether a duty there may be written: whoever is limited to a line or process stays within it. */
export function mayRoster(grants: readonly Grant[], site: string, line: string | null, process: string | null): boolean {
  return grants.some(
    (grant) =>
      PLANT.includes(grant.role) &&
      (!grant.site || grant.site === site) &&
      (!grant.line || grant.line === line) &&
      (!grant.process || grant.process === process),
  );
}

export function pagesFor(grants: readonly Grant[], site: string): PageName[] {
  const may = (page: PageName, roles: readonly Role[]) =>
    page === "quarantine" ? reachesLine(grants, roles, site, null) : holds(grants, roles, site);
  return PAGES.filter(([page, roles]) => may(page, roles)).map(([page]) => page);
}
