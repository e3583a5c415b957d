/** How the lines are laid on pages: no scrolling on a wall. Pure. */

export interface Row {
  readonly line: string;
  /** Which part of a line that is too long for one row, from 1, and how many parts it has. */
  readonly part: number;
  readonly parts: number;
  readonly processes: readonly string[];
  /** How many tiles the longest part of the line has. */
  readonly columns: number;
}

/** One row a line; a line with more than `width` tiles goes on in further rows of like length. */
export function rowsOf(
  lines: readonly { readonly id: string; readonly processes: readonly string[] }[],
  width: number,
): readonly Row[] {
  return lines.flatMap(({ id, processes }) => {
    const parts = Math.max(1, Math.ceil(processes.length / width));
    const size = Math.ceil(processes.length / parts);
    return Array.from({ length: parts }, (_, i) => ({
      line: id,
      part: i + 1,
      parts,
      processes: processes.slice(i * size, (i + 1) * size),
      columns: size,
    }));
  });
}

export function pagesOf(rows: readonly Row[], perPage: number): readonly (readonly Row[])[] {
  const count = Math.max(1, Math.ceil(rows.length / perPage));
  // Rows are spread evenly, so that the last page is not a lone row in an empty wall.
  const size = Math.ceil(rows.length / count);
  return Array.from({ length: count }, (_, i) => rows.slice(i * size, (i + 1) * size));
}

/** The page that is on turn: while some pages are in alarm only those, so that no alarm waits behind a calm page. */
export function pageAt(inAlarm: readonly boolean[], turn: number): number {
  const wanted = inAlarm.flatMap((alarm, page) => (alarm ? [page] : []));
  const among = wanted.length > 0 ? wanted : inAlarm.map((_, page) => page);
  return among[turn % Math.max(1, among.length)] ?? 0;
}
