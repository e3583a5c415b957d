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

/** Charge: from the top of the finder's tile over to the top of the maker's, or between the rows. */
export function chargePath(from: Box, to: Box, unit: number): string {
  const [a, b] = [middle(from) - unit, middle(to) + (middle(from) > middle(to) ? unit : -unit)];
  if (Math.abs(from.y - to.y) < unit) {
    const top = from.y - 1.75 * unit;
    return `M${n(a)} ${n(from.y)}C${n(a)} ${n(top)} ${n(b)} ${n(top)} ${n(b)} ${n(to.y)}`;
  }
  const down = to.y > from.y;
  const [y1, y2] = down ? [from.y + from.height, to.y] : [from.y, to.y + to.height];
  const half = (y1 + y2) / 2;
  return `M${n(a)} ${n(y1)}C${n(a)} ${n(half)} ${n(b)} ${n(half)} ${n(b)} ${n(y2)}`;
}
