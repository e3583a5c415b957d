/** Actions, 8D and review packs as they stand on the wire. */
import { language } from "../../i18n/language";
import { address, ask } from "../../session/api";

export type ActionState = "open" | "in-progress" | "done" | "verified" | "dropped";
export const MOVES: { readonly [S in ActionState]: readonly Exclude<ActionState, "verified">[] } = {
  open: ["in-progress", "done", "dropped"],
  "in-progress": ["done", "dropped"],
  done: ["in-progress"],
  dropped: ["open"],
  verified: [],
};
export const TYPES = ["containment", "corrective", "preventive"] as const;

export interface Action {
  readonly id: string;
  readonly version: number;
  readonly type: (typeof TYPES)[number];
  readonly what: string;
  readonly owner: string;
  readonly due_on: string;
  readonly state: ActionState;
  readonly complaint: string | null;
  readonly eight_d: string | null;
  readonly evidence: string | null;
}

export interface Cause {
  readonly whys: readonly string[];
  readonly evidence: string;
  readonly verified: boolean;
}

export interface Effect {
  readonly metric: string;
  readonly baseline: string;
  readonly from: string;
  readonly to: string;
  readonly result: string;
  readonly effective: boolean;
}

export const CAUSES = ["occurrence", "escape", "system"] as const;
export const QUESTIONS = ["what", "where", "when", "who", "why", "how", "how_many", "is", "is_not"] as const;
type Problem = { readonly [Q in (typeof QUESTIONS)[number]]: string };

export interface Sections {
  readonly d0: string;
  readonly d1: { readonly champion: string | null; readonly leader: string | null; readonly members: readonly string[] };
  readonly d2: Problem;
  readonly d3: string;
  readonly occurrence: Cause;
  readonly escape: Cause;
  readonly system: Cause;
  readonly category: string | null;
  readonly category_detail: string;
  readonly d5: string;
  readonly d6: { readonly on: string | null; readonly validation: string };
  readonly d7: string;
  readonly d8: string;
}

export interface EightD extends Sections {
  readonly id: string;
  readonly version: number;
  readonly state: "open" | "closed";
  readonly title: string;
  readonly complaints: readonly string[];
  readonly effect: Effect | null;
  readonly opened_at: string;
  readonly closed_at: string | null;
}

export interface Whole {
  readonly eight_d: EightD;
  readonly actions: readonly Action[];
  readonly missing: readonly string[];
}

export interface Pack {
  readonly id: string;
  readonly line: string;
  readonly week: string;
  readonly at: string;
  readonly seq: number;
  readonly files: readonly { readonly format: string; readonly language: string; readonly size: number }[];
}

const part = encodeURIComponent;

export const actions = (): Promise<readonly Action[]> => ask("GET", "/actions");
export const addAction = (body: object): Promise<Action> => ask("POST", "/actions", { body });
export const changeAction = ({ id, version }: Action, body: object): Promise<Action> => ask("PATCH", `/actions/${part(id)}`, { body, version });
export const verifyAction = ({ id, version }: Action, body: object): Promise<Action> => ask("POST", `/actions/${part(id)}/verify`, { body, version });

export const eightDs = (): Promise<readonly EightD[]> => ask("GET", "/eight-d");
export const eightD = (id: string): Promise<Whole> => ask("GET", `/eight-d/${part(id)}`);
export const beginEightD = (title: string, complaints: readonly string[]): Promise<EightD> => ask("POST", "/eight-d", { body: { title, complaints } });
export const writeEightD = ({ id, version }: EightD, body: object): Promise<EightD> => ask("PATCH", `/eight-d/${part(id)}`, { body, version });
export const recordEffect = ({ id, version }: EightD, body: Effect): Promise<EightD> => ask("POST", `/eight-d/${part(id)}/verify`, { body, version });
export const closeEightD = ({ id, version }: EightD): Promise<EightD> => ask("POST", `/eight-d/${part(id)}/close`, { version });

export const packs = (): Promise<{ readonly items: readonly Pack[]; readonly next: string | null }> => ask("GET", "/packs?limit=100");
export const makePack = (line: string, week: string): Promise<Pack> => ask("POST", "/packs", { body: { line, week } });

const spoken = () => (language.value === "zh" ? "zh-CN" : "en");
export const eightDFile = (id: string, format: string): string => address(`/eight-d/${part(id)}/file?format=${format}&language=${spoken()}`);
export const packFile = (id: string, format: string, of: string): string => address(`/packs/${part(id)}/file?format=${format}&language=${of}`);
