/** A duty as it is typed, and as the server takes it. Pure. */
import type { Role } from "../../../live/model";
import type { Duty } from "../api";

export interface DutyDraft {
  person: string;
  role: Role | "";
  line: string | null;
  process: string | null;
  shift: string | null;
  from_on: string;
  to_on: string;
  stands_in_for: string | null;
}

export const ON_DUTY: readonly Role[] = ["team-leader", "supervisor", "process-owner", "quality-engineer", "director"];

export const emptyDraft = (today: string, line: string | null): DutyDraft => ({
  person: "",
  role: "",
  line,
  process: null,
  shift: null,
  from_on: today,
  to_on: "",
  stands_in_for: null,
});

export const draftOf = (duty: Duty): DutyDraft => ({
  person: duty.person,
  role: duty.role,
  line: duty.line,
  process: duty.process,
  shift: duty.shift,
  from_on: duty.from_on,
  to_on: duty.to_on ?? "",
  stands_in_for: duty.stands_in_for,
});

export const bodyOf = (draft: DutyDraft): object => ({ ...draft, to_on: draft.to_on || null });

/** The local date of the device, as a date field writes it. */
export function dateOf(at: number): string {
  const day = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

export interface Watch {
  readonly shift: string | null;
  readonly duties: readonly Duty[];
}

/** The duties by shift in the calendar's order, those of every shift first; a shift without duties is left out. */
export function byShift(duties: readonly Duty[], shifts: readonly { readonly id: string }[]): Watch[] {
  const order: (string | null)[] = [null, ...shifts.map(({ id }) => id)];
  // A shift that the calendar has no more still has its duties, which somebody must take off.
  for (const { shift } of duties) if (!order.includes(shift)) order.push(shift);
  return order
    .map((shift) => ({ shift, duties: duties.filter((duty) => duty.shift === shift) }))
    .filter(({ duties: some }) => some.length > 0);
}
