/** Names of places for administration: a place that is left open is said as such. */
import { t } from "../../i18n/admin";
import { roleName } from "../../i18n/domain";
import { nameOf, type Name } from "../../i18n/language";
import type { Snapshot } from "../../live/model";
import type { Grant } from "../../session/session";

export const lineName = (board: Snapshot, id: string | null): string =>
  id === null ? t.value.everyLine : nameOf(board.lines.find((line) => line.id === id)?.name, id);

export const stepName = (board: Snapshot, id: string | null): string =>
  id === null ? t.value.everyProcess : nameOf(board.processes.find((process) => process.id === id)?.name, id);

/** Where a role or a duty counts: the narrowest place that is named. */
export function placeName(board: Snapshot, line: string | null, process: string | null): string {
  const parts = [line === null ? null : lineName(board, line), process === null ? null : stepName(board, process)];
  return parts.filter(Boolean).join(" · ") || t.value.everywhere;
}

/** A role with its place, as in “Team leader (Motor line)”. */
export function grantName(board: Snapshot, grant: Grant): string {
  const open = grant.line === null && grant.process === null;
  return open ? roleName(grant.role) : `${roleName(grant.role)} (${placeName(board, grant.line, grant.process)})`;
}

/** A name that the chain gives as one text, or in each language. */
export const textOf = (name: Name | string, fallback: string): string =>
  typeof name === "string" ? name || fallback : nameOf(name, fallback);
