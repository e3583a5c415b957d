/** What each tile shows, from the board. Pure. */
import { inAlarm, unanswered } from "../live/clocks";
import type { Card, Line, Snapshot, Station } from "../live/model";

export type TileState = "running" | "called" | "calling" | "stop-pending" | "stopped" | "silent" | "drill";

export interface Tile {
  readonly key: string;
  readonly line: string;
  readonly process: string;
  readonly state: TileState;
  /** The alarm to show: a stop before a reject before a call, then the oldest. */
  readonly alarm: Card | null;
  /** All of them, that one first. */
  readonly alarms: readonly Card[];
}

export const tileKey = (line: string, process: string): string => `${line}/${process}`;

const RANK: { readonly [kind: string]: number } = { stop: 0, reject: 1, call: 2 };

const byUrgency = (a: Card, b: Card): number =>
  (RANK[a.kind] ?? 3) - (RANK[b.kind] ?? 3) || a.occurred_at.localeCompare(b.occurred_at);

/** A stop holds its tile until it is released, however far its complaint has come. */
export const holds = (card: Card): boolean => card.stop?.state === "stopped" || card.stop?.state === "pending";

function stateOf(alarm: Card | null, stations: readonly Station[]): TileState {
  if (alarm?.drill) return "drill";
  if (alarm?.stop?.state === "stopped") return "stopped";
  if (alarm?.stop?.state === "pending") return "stop-pending";
  if (alarm?.kind === "call") return "calling";
  if (alarm) return "called";
  return stations.length > 0 && stations.every((station) => station.silent_since) ? "silent" : "running";
}

/** The tiles of every line in the order of its chain, by line. */
export function tilesOf(board: Snapshot): ReadonlyMap<string, readonly Tile[]> {
  const alarms = grouped(
    board.complaints.filter((card) => inAlarm(card) || holds(card)),
    (card) => tileKey(card.line, card.customer),
  );
  const stations = grouped(board.stations, (station) => tileKey(station.line, station.process));
  const tiles = (line: Line) =>
    line.processes.map((process): Tile => {
      const key = tileKey(line.id, process);
      const here = [...(alarms.get(key) ?? [])].sort(byUrgency);
      const alarm = here[0] ?? null;
      const state = stateOf(alarm, stations.get(key) ?? []);
      return { key, line: line.id, process, state, alarm, alarms: here };
    });
  return new Map(board.lines.map((line) => [line.id, tiles(line)]));
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** The biggest thing on the wall: the oldest alarm that nobody has answered; without one, the oldest nobody has arrived at. */
export function oldest(complaints: readonly Card[]): Card | null {
  const alarms = complaints.filter((card) => inAlarm(card) && !card.drill);
  const first = (cards: readonly Card[]) =>
    cards.reduce<Card | null>((best, card) => (best && best.occurred_at <= card.occurred_at ? best : card), null);
  return first(alarms.filter(unanswered)) ?? first(alarms.filter((card) => card.state === "acknowledged"));
}

/** The tile of the process that is charged: in the same line first, else wherever it is; a function has none. */
export function makerKey(board: Snapshot, card: Card): string | null {
  if (card.kind === "call" || !card.made_at) return null;
  const maker = card.made_at;
  const own = board.lines.find((line) => line.id === card.line && line.processes.includes(maker));
  const line = own ?? board.lines.find((other) => other.processes.includes(maker));
  return line ? tileKey(line.id, maker) : null;
}
