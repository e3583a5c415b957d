/** The app's icons as PNG, drawn at the build from the one SVG: a filled square, and lines with round ends. */
import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [number, number, number];
type Line = readonly [x1: number, y1: number, x2: number, y2: number, half: number, colour: Colour];

interface Drawing {
  readonly side: number;
  readonly radius: number;
  readonly ground: Colour;
  readonly lines: readonly Line[];
}

const number = (text: string, name: string): number => Number(new RegExp(`${name}="([\\d.]+)"`).exec(text)?.[1]);
const colour = (text: string, name: string): Colour => {
  const hex = new RegExp(`${name}="#([\\da-f]{6})"`).exec(text)?.[1] ?? "";
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour;
};

/** Reads as much of SVG as our icon uses: one rect, and paths of M, h and l. */
function read(svg: string): Drawing {
  const rect = /<rect[^>]*>/.exec(svg)?.[0] ?? "";
  const paths = svg.match(/<path[^>]*>/g) ?? [];
  return {
    side: number(rect, "width"),
    radius: number(rect, "rx"),
    ground: colour(rect, "fill"),
    lines: paths.flatMap((path) => {
      const [half, ink] = [number(path, "stroke-width") / 2, colour(path, "stroke")];
      return [...path.matchAll(/M([\d.]+) ([\d.]+)([hl])([\d.]+)(?: ([\d.]+))?/g)].map(([, x, y, , dx, dy]): Line => {
        const [from, to] = [Number(x), Number(y)];
        return [from, to, from + Number(dx), to + Number(dy ?? 0), half, ink];
      });
    }),
  };
}

/** How far a point lies outside of a line with round ends; negative inside. */
function outside([x1, y1, x2, y2, half]: Line, x: number, y: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy) - half;
}

function outsideSquare({ side, radius }: Drawing, x: number, y: number): number {
  const [dx, dy] = [x, y].map((v) => Math.max(0, Math.abs(v - side / 2) - side / 2 + radius)) as [number, number];
  return Math.hypot(dx, dy) - radius;
}

const chunk = (kind: string, body: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(kind), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};

/** The SVG as a PNG of so many pixels; `full` fills the corners too, for systems that cut their own shape. */
export function png(svg: string, size: number, full: boolean): Buffer {
  const drawing = read(svg);
  const scale = size / drawing.side;
  const rows = Buffer.alloc(size * (size * 4 + 1));
  const cover = (distance: number) => Math.min(1, Math.max(0, 0.5 - distance * scale));
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const [x, y] = [(column + 0.5) / scale, (row + 0.5) / scale];
      let ink: Colour = drawing.ground;
      for (const line of drawing.lines) {
        const part = cover(outside(line, x, y));
        ink = ink.map((old, i) => old + (line[5][i]! - old) * part) as unknown as Colour;
      }
      const alpha = full ? 1 : cover(outsideSquare(drawing, x, y));
      rows.set([...ink.map(Math.round), Math.round(alpha * 255)], row * (size * 4 + 1) + 1 + column * 4);
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
