/** ISO weeks as they are written: `2026-W47`. Pure. */
import { plus } from "../ask/period";

const DAY_MS = 86_400_000;
const SHOWN = 14;

/** The ISO week of a day: that of its Thursday. */
export function weekOf(day: string): string {
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const thursday = plus(day, 3 - weekday);
  const year = thursday.slice(0, 4);
  const week = 1 + Math.floor((Date.parse(thursday) - Date.parse(`${year}-01-01`)) / (7 * DAY_MS));
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** This week and those before it. */
export const weeks = (today: string): readonly string[] => Array.from({ length: SHOWN }, (_, n) => weekOf(plus(today, -7 * n)));
