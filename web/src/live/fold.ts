/** The board as a fold: pure, so that Python and TypeScript can be held to the same golden lists. */
import type { Card, Delta, Snapshot } from "./model";

/** The board after `delta`. What did not change keeps its identity, so that only touched tiles are drawn again. */
export function fold(board: Snapshot, delta: Delta): Snapshot {
  return {
    ...board,
    seq: delta.seq,
    at: delta.at,
    lines: patched(board.lines, delta.lines),
    stations: patched(board.stations, delta.stations),
    complaints: replaced(board.complaints, delta.complaints),
    today: delta.today ?? board.today,
  };
}

/** Whether `delta` is the next one; if not, rows were missed and the server must be asked. */
export function follows(board: Snapshot, delta: Delta): boolean {
  return delta.prev === board.seq;
}

function patched<T extends { readonly id: string }>(
  items: readonly T[],
  patches: { readonly [id: string]: Partial<T> } | undefined,
): readonly T[] {
  if (!patches || Object.keys(patches).length === 0) return items;
  return items.map((item) => (patches[item.id] ? { ...item, ...patches[item.id] } : item));
}

/** Cards come whole, or null when they leave the board; the list is in order of id, which is the order of the presses. */
function replaced(cards: readonly Card[], changes: Delta["complaints"]): readonly Card[] {
  if (!changes || Object.keys(changes).length === 0) return cards;
  const left = cards.filter((card) => !(card.id in changes));
  const changed = Object.values(changes).filter((card): card is Card => card !== null);
  return [...left, ...changed].sort((a, b) => (a.id < b.id ? -1 : 1));
}
