/** The curves of the arrows, from where the tiles are. Pure; `unit` is one rem in pixels. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const n = (value: number): string => value.toFixed(1);
const middle = (box: Box): number => box.x + box.width / 2;

/** Flow: straight across the gap to the next tile; below the tiles to one further on. */
export function flowPath(from: Box, to: Box, next: boolean, unit: number): string {
  const y = from.y + from.height / 2;
  if (next) return `M${n(from.x + from.width + 0.25 * unit)} ${n(y)}H${n(to.x - 0.25 * unit)}`;
  const bottom = from.y + from.height;
  const depth = bottom + 1.5 * unit;
  const [a, b] = [middle(from), middle(to)];
  return `M${n(a)} ${n(bottom)}C${n(a)} ${n(depth)} ${n(b)} ${n(depth)} ${n(b)} ${n(bottom + 0.25 * unit)}`;
}

type Point = readonly [x: number, y: number];

/** How far from the tiles a charge runs, in rem: between a row's heading and its tiles, and below the arrows of the flow. */
const LANE = 0.875;

/** Charge: from the finder to the maker in lanes between the tiles, never across one. */
export function chargePath(from: Box, to: Box, all: readonly Box[], unit: number): string {
  const lane = LANE * unit;
  const a = middle(from) - unit;
  const b = middle(to) + (middle(from) > middle(to) ? unit : -unit);
  if (Math.abs(from.y - to.y) < unit) {
    return rounded([[a, from.y], [a, from.y - lane], [b, from.y - lane], [b, to.y]], unit);
  }
  const up = to.y < from.y;
  const [leaves, arrives] = up ? [from.y, to.y + to.height] : [from.y + from.height, to.y];
  const [y1, y2] = up ? [leaves - lane, arrives + lane] : [leaves + lane, arrives - lane];
  const x = crossing(all, Math.min(y1, y2), Math.max(y1, y2), a, b);
  return rounded([[a, leaves], [a, y1], [x, y1], [x, y2], [b, y2], [b, arrives]], unit);
}

/** Where to go up or down: straight, unless rows stand in between; then through the gap of theirs that is the least way. */
function crossing(all: readonly Box[], top: number, bottom: number, a: number, b: number): number {
  const between = all.filter((box) => box.y > top && box.y + box.height < bottom);
  // Headings stand at the left, so of two ways the right one covers less.
  if (between.length === 0) return Math.max(a, b);
  const sorted = [...between].sort((one, other) => one.x - other.x);
  const gaps = sorted.slice(1).flatMap((box, i) => {
    const end = sorted[i]!.x + sorted[i]!.width;
    return box.x > end ? [(end + box.x) / 2] : [];
  });
  const way = (x: number) => Math.abs(x - a) + Math.abs(x - b) - x / 10;
  return gaps.reduce((best, x) => (way(x) < way(best) ? x : best), gaps[0] ?? Math.max(a, b));
}

/** A line through the points with round corners. */
function rounded(points: readonly Point[], unit: number): string {
  const kept = points.filter(([x, y], i) => i === 0 || Math.hypot(x - points[i - 1]![0], y - points[i - 1]![1]) > 0.5);
  const parts = kept.slice(1, -1).map((corner, i) => {
    const [before, after] = [toward(corner, kept[i]!, unit), toward(corner, kept[i + 2]!, unit)];
    return `L${at(before)}Q${at(corner)} ${at(after)}`;
  });
  return `M${at(kept[0]!)}${parts.join("")}L${at(kept.at(-1)!)}`;
}

const at = ([x, y]: Point): string => `${n(x)} ${n(y)}`;

/** The point on the way from a corner to the next point where its curve begins. */
function toward([x, y]: Point, [nextX, nextY]: Point, unit: number): Point {
  const length = Math.hypot(nextX - x, nextY - y);
  const part = Math.min(0.75 * unit, length / 2) / length;
  return [x + (nextX - x) * part, y + (nextY - y) * part];
}
