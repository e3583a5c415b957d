/** Where the drawing has its processes and links: steps from left to right by their links, functions in a row below. Pure. */
import { Graph, layout as arrange } from "@dagrejs/dagre";
import { FINAL, linkKey, type Chain, type Link } from "./document";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Wire {
  readonly key: string;
  readonly link: Link;
  readonly path: string;
}
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** By process; the final customer has one as soon as there is a step. */
  readonly boxes: ReadonlyMap<string, Box>;
  readonly wires: readonly Wire[];
  /** The frame of the functions. */
  readonly below: Box | null;
}

export const NODE = { width: 124, height: 78 };
const END = { width: 84, height: 78 };
const GAP = 24;
const BELOW = 72;

/** `shown` says of a link that is no flow of product whether it is drawn. */
export function draw(chain: Chain, shown: (link: Link) => boolean): Drawing {
  const steps = flow(chain);
  const boxes = new Map(steps.boxes);
  const functions = chain.processes.filter((process) => process.kind === "function");
  const top = steps.height + (steps.boxes.size > 0 ? BELOW : GAP);
  const across = Math.max(1, Math.floor((Math.max(steps.width, 900) - GAP) / (NODE.width + GAP)));
  functions.forEach(({ id }, i) => {
    const [x, y] = [GAP + (i % across) * (NODE.width + GAP), top + Math.floor(i / across) * (NODE.height + GAP)];
    boxes.set(id, { x, y, ...NODE });
  });
  const rows = Math.ceil(functions.length / across);
  const used = GAP + Math.min(functions.length, across) * (NODE.width + GAP);
  const width = Math.max(steps.width, used);
  const bottom = top + rows * (NODE.height + GAP);
  return {
    width,
    height: rows > 0 ? bottom : steps.height,
    boxes,
    wires: chain.links.flatMap((link) => wire(link, boxes, steps.paths, shown)),
    below: rows > 0 ? { x: GAP / 2, y: top - 32, width: used - GAP, height: bottom - top + 20 } : null,
  };
}

/** What flows along the steps, laid out by dagre. */
function flow(chain: Chain) {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: GAP, edgesep: 12, marginx: GAP, marginy: GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const process of chain.processes) if (process.kind === "step") graph.setNode(process.id, { ...NODE });
  const sold = chain.links.some((link) => link.customer === FINAL && graph.hasNode(link.supplier));
  if (sold) graph.setNode(FINAL, { ...END });
  for (const link of chain.links)
    if (inFlow(graph, link) && !leads(graph, link.customer, link.supplier))
      graph.setEdge(link.supplier, link.customer, {}, linkKey(link));
  if (graph.nodeCount() === 0) return { width: 0, height: 0, boxes: new Map<string, Box>(), paths: new Map<string, string>() };
  arrange(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const boxes = new Map(
    graph.nodes().map((id) => {
      const node = graph.node(id) as Box;
      return [id, { ...node, x: node.x - node.width / 2, y: node.y - node.height / 2 }] as const;
    }),
  );
  const paths = new Map(
    graph.edges().map((edge) => [edge.name ?? "", smooth((graph.edge(edge) as { points: Point[] }).points)] as const),
  );
  if (sold) return { width, height, boxes, paths };
  // Nobody hands on to it yet: it waits at the end, to be dragged to.
  boxes.set(FINAL, { x: width, y: (height - END.height) / 2, ...END });
  return { width: width + END.width + GAP, height, boxes, paths };
}

const inFlow = (graph: Graph, link: Link): boolean =>
  link.relation === "process" && link.supplier !== link.customer && graph.hasNode(link.supplier) && graph.hasNode(link.customer);

/** Whether one reaches the other by what is there. A link that closes a circle is drawn, and moves nothing. */
function leads(graph: Graph, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const node of seen) for (const next of graph.successors(node) ?? []) seen.add(String(next));
  return seen.has(to);
}

interface Point {
  readonly x: number;
  readonly y: number;
}
const n = (value: number) => value.toFixed(1);

/** Through the middles between the points, so that corners are round. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const turns = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1] ?? last;
    const end = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${n(point.x)} ${n(point.y)} ${n(end.x)} ${n(end.y)}`;
  });
  return `M${n(first.x)} ${n(first.y)}${turns.join("") || `L${n(last.x)} ${n(last.y)}`}`;
}

function wire(
  link: Link,
  boxes: ReadonlyMap<string, Box>,
  paths: ReadonlyMap<string, string>,
  shown: (link: Link) => boolean,
): Wire[] {
  const key = linkKey(link);
  const known = paths.get(key);
  if (known) return [{ key, link, path: known }];
  const [from, to] = [boxes.get(link.supplier), boxes.get(link.customer)];
  return from && to && from !== to && shown(link) ? [{ key, link, path: bow(from, to) }] : [];
}

/** A curve from the side of one box to that of another that faces it. */
export function bow(from: Box, to: Box): string {
  const [a, b] = [middle(from), middle(to)];
  if (Math.abs(b.y - a.y) > NODE.height) {
    const down = b.y > a.y;
    const [y1, y2] = down ? [from.y + from.height, to.y] : [from.y, to.y + to.height];
    const bend = (y2 - y1) / 2;
    return `M${n(a.x)} ${n(y1)}C${n(a.x)} ${n(y1 + bend)} ${n(b.x)} ${n(y2 - bend)} ${n(b.x)} ${n(y2)}`;
  }
  const y = Math.min(from.y, to.y);
  return `M${n(a.x)} ${n(from.y)}C${n(a.x)} ${n(y - 44)} ${n(b.x)} ${n(y - 44)} ${n(b.x)} ${n(to.y)}`;
}

export const middle = (box: Box): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
