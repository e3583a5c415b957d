/** Who is coming, and the clock that runs, in words. */
import { clock } from "../i18n/format";
import { roleName } from "../i18n/domain";
import { t } from "../i18n/board";
import { running } from "../live/clocks";
import type { Card } from "../live/model";
import type { Outcome } from "../session/command";

export function whoComes(card: Card): string {
  if (card.state === "open") return t.value.alarm.nobody;
  if (card.state !== "acknowledged") return t.value.alarm.here;
  return card.acknowledged_role ? t.value.alarm.coming(roleName(card.acknowledged_role)) : t.value.alarm.somebody;
}

/** What came of a command, in words; nothing when it was done. */
export function explained(outcome: Outcome): string {
  if (outcome.is === "conflict") return t.value.phone.faster;
  if (outcome.is === "refused") return t.value.phone.refused(outcome.problem.detail);
  return outcome.is === "away" ? t.value.session.away : "";
}

/** `1:20 left`, or `0:40 late`; empty when no standard applies. */
export function againstStandard(card: Card, now: number): { readonly text: string; readonly late: boolean } | null {
  const run = running(card, now);
  if (!run || run.limit === null) return null;
  return run.over > 0
    ? { text: t.value.alarm.late(clock(run.over)), late: true }
    : { text: t.value.alarm.due(clock(run.limit - run.elapsed)), late: false };
}
