/** What the station agent says to the page, and what the page says to the agent. */
import type { Name } from "../i18n/language";
import type { Answer, Card, Clock, LineState, Severity } from "../live/model";

export interface Named {
  readonly id: string;
  readonly name: Name;
}

export interface DefectTile {
  readonly code: string;
  readonly name: Name;
  readonly severity: Severity;
  readonly origin?: string | null;
  readonly pictogram?: string | null;
}

export interface Setup {
  readonly chain: number;
  readonly site: Named;
  readonly station: Named;
  readonly line: Named & { readonly grace_s: number };
  readonly process: Named;
  readonly suppliers: readonly (Named & { readonly relation?: string })[];
  readonly upstream: readonly Named[];
  readonly customers: readonly Named[];
  readonly defects: readonly DefectTile[];
  readonly own_defects: readonly DefectTile[];
  readonly calls: readonly Named[];
  readonly standards: { readonly [kind: string]: { readonly [C in Clock]?: number } };
}

/** A complaint as its own station sees it: with the code for the responder's phone, and the answer. */
export type StationCard = Card & { readonly code?: string; readonly answer?: Answer | null };

export interface Refused {
  readonly id: string | null;
  readonly reason: string;
  readonly detail: string;
}

export interface StationState {
  readonly at: string;
  readonly seq: number;
  readonly line: Named & {
    readonly state: LineState;
    readonly since: string | null;
    readonly stop_at: string | null;
    readonly drill: boolean;
    readonly first_piece: string | null;
  };
  readonly complaints: readonly StationCard[];
  readonly refused: readonly Refused[];
}

/** `event` is the id of what the server would not take. */
export interface Parked {
  readonly event: string;
  readonly kind: string;
  readonly at: string;
  readonly reason: string;
  readonly detail: string;
}

/** A press as the agent remembers it. */
export interface Press {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly saved: boolean;
  readonly recorded: boolean;
  readonly defect?: string | null;
  readonly supplier?: string | null;
  readonly complaint?: string | null;
}

export interface AgentDocument {
  readonly station: string;
  readonly server: { readonly heard: boolean; readonly since: string | null; readonly at?: string | null };
  readonly link?: {
    readonly connected: boolean;
    readonly problem: { readonly code: string; readonly detail: string } | null;
  };
  readonly setup: Setup | null;
  readonly state: StationState | null;
  readonly outbox: { readonly waiting: number; readonly oldest_at: string | null };
  readonly parked: readonly Parked[];
  readonly presses: readonly Press[];
}

export type EventKind =
  | "reject"
  | "stop"
  | "catch"
  | "call"
  | "detail"
  | "arrive"
  | "release"
  | "accept"
  | "decline"
  | "withdraw"
  | "count";

/** The body of one press: the event of the wire without what the agent adds. */
export interface PressBody {
  readonly id: string;
  readonly kind: EventKind;
  readonly operator?: string;
  readonly pin?: string;
  readonly defect?: string;
  readonly supplier?: string;
  readonly qty?: number;
  readonly lot?: string;
  readonly photos?: readonly string[];
  readonly note?: string;
  readonly complaint?: string;
  readonly rating?: number;
  readonly reason?: string;
  readonly drill?: boolean;
}
