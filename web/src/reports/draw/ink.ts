/** The colours and type of charts: those of the page, read where it defines them. */

export interface Ink {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly ground: string;
  readonly signal: string;
  readonly font: string;
  /** For series side by side; each stands clear of the ground, and of the one before it in grey too. */
  readonly series: readonly string[];
}

const SERIES = ["--blue", "--chart-2", "--chart-3", "--chart-4", "--chart-5"];

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read("--ink"),
    muted: read("--muted"),
    line: read("--line"),
    ground: read("--panel"),
    signal: read("--red"),
    font: style.fontFamily,
    series: SERIES.map(read),
  };
}
