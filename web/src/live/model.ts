/** What the server says of lines and complaints, as it stands on the wire. */
import type { Name } from "../i18n/language";

export type Kind = "reject" | "stop" | "call" | "late-response";
export type State =
  | "open"
  | "acknowledged"
  | "arrived"
  | "contained"
  | "answered"
  | "closed"
  | "withdrawn"
  | "merged";
export type LineState = "running" | "stop-pending" | "stopped";
export type Severity = "minor" | "major" | "critical";
export type Clock = "acknowledge" | "arrive" | "contain" | "answer";
export type Role =
  | "worker"
  | "team-leader"
  | "supervisor"
  | "process-owner"
  | "quality-engineer"
  | "director"
  | "admin"
  | "auditor";

export interface Answer {
  readonly cause_made: string;
  readonly cause_missed: string;
  readonly countermeasure: string;
  readonly owner: string;
  readonly due_on: string;
}

/** The public card of a complaint: roles only, never a person. */
export interface Card {
  readonly id: string;
  readonly kind: Kind;
  readonly state: State;
  readonly version: number;
  readonly round: number;
  readonly line: string;
  readonly station: string;
  readonly customer: string;
  readonly supplier: string;
  readonly made_at: string | null;
  readonly attribution: "suspected" | "accepted" | "disputed" | "confirmed";
  readonly basis: string;
  readonly proposed_made_at: string | null;
  readonly passed_by: readonly { readonly process: string; readonly inspects: boolean }[];
  readonly stages: number | null;
  readonly relation: string | null;
  readonly defect: string | null;
  readonly severity: Severity;
  readonly qty: number | null;
  readonly repeats: number;
  readonly presses: number;
  readonly part: string | null;
  readonly drill: boolean;
  readonly replay: boolean;
  readonly occurred_at: string;
  readonly received_at: string;
  readonly acknowledged_at: string | null;
  readonly arrived_at: string | null;
  readonly contained_at: string | null;
  readonly answered_at: string | null;
  readonly closed_at: string | null;
  readonly acknowledged_role: Role | null;
  readonly round_started_at: string;
  readonly due: { readonly [C in Clock]?: string };
  readonly ladder: readonly { readonly level: number; readonly at: string; readonly role: string }[];
  readonly level: number;
  readonly late: readonly string[];
  readonly stop: { readonly state: string; readonly from: string; readonly until: string | null } | null;
  readonly containment: { readonly where?: string } | null;
  readonly rating: number | null;
  readonly decline_reason?: string | null;
  readonly about?: { readonly complaint: string; readonly clock: string; readonly round: number } | null;
  readonly names: { readonly [part: string]: Name | null };
}

export interface Line {
  readonly id: string;
  readonly name: Name;
  readonly state: LineState;
  readonly since: string | null;
  readonly stop_at: string | null;
  readonly drill: boolean;
  readonly first_piece: string | null;
  readonly processes: readonly string[];
}

export interface Process {
  readonly id: string;
  readonly name: Name;
  readonly kind: "step" | "function";
}

export interface Station {
  readonly id: string;
  readonly line: string;
  readonly process: string;
  readonly name: Name;
  readonly silent_since: string | null;
}

export interface Link {
  readonly supplier: string;
  readonly customer: string;
  readonly relation: string;
}

export interface Defect {
  readonly code: string;
  readonly name: Name;
  readonly severity: Severity;
  readonly pictogram?: string | null;
}

export interface Today {
  readonly rejects: number;
  readonly stops: number;
  readonly catches: number;
  readonly calls: number;
}

export interface Snapshot {
  readonly v: number;
  readonly site: string;
  readonly seq: number;
  readonly at: string;
  readonly chain: number;
  readonly lines: readonly Line[];
  readonly processes: readonly Process[];
  readonly links: readonly Link[];
  readonly stations: readonly Station[];
  readonly defects: readonly Defect[];
  readonly complaints: readonly Card[];
  readonly today: Today;
}

export interface Delta {
  readonly prev: number;
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly lines?: { readonly [id: string]: Partial<Line> };
  readonly stations?: { readonly [id: string]: Partial<Station> };
  readonly complaints?: { readonly [id: string]: Card | null };
  readonly today?: Today;
  readonly reload?: boolean;
}
