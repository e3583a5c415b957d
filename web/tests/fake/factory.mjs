/** A small factory with live alarms, for looking at the pages and for trying them without a server. */
export const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
export const ahead = (seconds) => ago(-seconds);
const n = (en, zh) => ({ en, zh });

export const processes = [
  ["stamping", n("Stamping", "冲压")],
  ["blanking", n("Blanking", "落料")],
  ["welding", n("Body welding", "焊接")],
  ["grinding", n("Grinding", "打磨")],
  ["e-coat", n("E-coat", "电泳")],
  ["painting", n("Painting", "涂装")],
  ["polishing", n("Polishing", "抛光")],
  ["trim", n("Trim assembly", "内饰装配")],
  ["wiring", n("Wiring harness", "线束")],
  ["final", n("Final assembly", "总装")],
  ["inspection", n("Final inspection", "终检")],
  ["packing", n("Packing", "包装")],
].map(([id, name]) => ({ id, name, kind: "step" }));
const functions = [
  ["maintenance", n("Maintenance", "设备维修")],
  ["material", n("Material", "物料")],
  ["quality", n("Quality", "质量")],
].map(([id, name]) => ({ id, name, kind: "function" }));
export const nameOf = (id) => [...processes, ...functions].find((p) => p.id === id)?.name ?? n(id, id);

export const defects = [
  ["scratch", n("Scratch", "划伤"), "minor", "stamping"],
  ["dent", n("Dent", "凹坑"), "major", "stamping"],
  ["burr", n("Burr", "毛刺"), "minor", "blanking"],
  ["crack", n("Crack", "开裂"), "critical", "stamping"],
  ["weld-missing", n("Weld missing", "漏焊"), "critical", "welding"],
  ["porosity", n("Porosity", "气孔"), "major", "welding"],
  ["spatter", n("Weld spatter", "焊渣飞溅"), "minor", "welding"],
  ["hole", n("Hole out of position", "孔位偏移"), "major", "blanking"],
  ["dimension", n("Out of dimension", "尺寸超差"), "major", "stamping"],
  ["rust", n("Rust", "锈蚀"), "minor", "e-coat"],
  ["paint-run", n("Paint run", "流挂"), "minor", "painting"],
  ["colour", n("Colour difference", "色差"), "major", "painting"],
  ["dirt", n("Dirt under paint", "颗粒"), "minor", "painting"],
  ["missing-part", n("Part missing", "漏装"), "major", "trim"],
  ["wrong-part", n("Wrong part", "错装"), "critical", "trim"],
  ["loose", n("Loose fastener", "紧固件松动"), "critical", "trim"],
  ["electrical", n("No contact", "电路不通"), "major", "wiring"],
].map(([code, name, severity, origin]) => ({ code, name, severity, origin, pictogram: code }));

export const LINES = {
  "line-a": { name: n("Body line A", "车身 A 线"), processes: ["blanking", "stamping", "welding", "grinding", "e-coat", "painting", "polishing"] },
  "line-b": { name: n("Assembly line B", "装配 B 线"), processes: ["trim", "wiring", "final", "inspection", "packing"] },
};
export const stations = Object.entries(LINES).flatMap(([line, { processes: of }]) =>
  of.flatMap((process) =>
    [1, 2].map((i) => ({
      id: `${process}-${i}`,
      line,
      process,
      name: n(`${nameOf(process).en} ${i}`, `${nameOf(process).zh} ${i} 号`),
      silent_since: process === "polishing" ? ago(95) : null,
    })),
  ),
);
const flow = ["blanking", "stamping", "welding", "grinding", "e-coat", "painting", "polishing", "trim", "final", "inspection", "packing"];
export const links = [
  ...flow.slice(1).map((customer, i) => ({ supplier: flow[i], customer, relation: "process" })),
  { supplier: "wiring", customer: "final", relation: "process" },
  { supplier: "blanking", customer: "welding", relation: "process" },
];

let serial = 0;
/** A card with every field that the contract names. */
export function card(given) {
  const id = given.id ?? `0199a3c0-0000-7000-8000-${String(++serial).padStart(12, "0")}`;
  const since = given.occurred_at ?? ago(60);
  const limits = { acknowledge: 180, arrive: 600, contain: 3600, answer: 86400 };
  const began = Date.parse(since);
  const station = stations.find((s) => s.id === given.station);
  const defect = defects.find((x) => x.code === given.defect);
  const line = station?.line ?? "line-a";
  return {
    id, kind: "reject", state: "open", version: 1, round: 1, line, customer: station?.process, supplier: "stamping",
    made_at: given.supplier ?? "stamping", attribution: "suspected", basis: "defect-origin", proposed_made_at: null, passed_by: [], stages: 1,
    relation: "process", defect: null, severity: defect?.severity ?? "major", qty: null, repeats: 0, presses: 1, part: null, drill: false,
    replay: false, occurred_at: since, received_at: since, acknowledged_at: null, arrived_at: null, contained_at: null, answered_at: null,
    closed_at: null, acknowledged_role: null, round_started_at: since,
    due: Object.fromEntries(Object.entries(limits).map(([k, s]) => [k, new Date(began + s * 1000).toISOString()])),
    ladder: [], level: 0, late: [], stop: null, containment: null, rating: null, merged_into: null, about: null,
    names: { supplier: nameOf(given.supplier ?? "stamping"), customer: nameOf(station?.process), defect: defect?.name ?? null, station: station?.name, line: LINES[line].name },
    ...given,
  };
}

export function snapshot(kind) {
  const calm = kind === "calm";
  const complaints = calm ? [] : [
    card({ kind: "stop", station: "painting-1", supplier: "welding", defect: "porosity", occurred_at: ago(754), level: 2, stop: { state: "stopped", from: ago(750), until: null } }),
    card({ station: "welding-2", defect: "dent", occurred_at: ago(208), level: 0, repeats: 2, qty: 3 }),
    card({ station: "final-1", supplier: "wiring", defect: "electrical", occurred_at: ago(96), state: "acknowledged", acknowledged_at: ago(40), acknowledged_role: "team-leader" }),
    card({ kind: "call", station: "trim-1", supplier: "material", occurred_at: ago(45), names: { supplier: nameOf("material"), customer: nameOf("trim"), defect: null, station: n("Trim assembly 1", "内饰装配 1 号"), line: LINES["line-b"].name } }),
    card({ station: "inspection-1", supplier: "painting", defect: "colour", occurred_at: ago(1900), state: "contained", contained_at: ago(600), arrived_at: ago(1500), acknowledged_at: ago(1800), acknowledged_role: "supervisor" }),
  ];
  return {
    v: 1, site: "demo", seq: 100, at: ago(0), chain: 3,
    lines: Object.entries(LINES).map(([id, line]) => ({
      id, name: line.name, processes: line.processes, drill: false, first_piece: null, stop_at: null,
      state: !calm && id === "line-a" ? "stopped" : "running", since: !calm && id === "line-a" ? ago(750) : ago(7300),
    })),
    processes: [...processes, ...functions], links, stations, defects, complaints,
    today: { rejects: 14, stops: 3, catches: 22, calls: 6 },
  };
}

export function setup(station) {
  const { process, line } = stations.find((s) => s.id === station);
  const named = (ids) => ids.map((id) => ({ id, name: nameOf(id) }));
  const direct = links.filter((l) => l.customer === process).map((l) => l.supplier);
  return {
    v: 1, chain: 3, site: { id: "demo", name: n("Demo plant", "示范工厂") },
    station: stations.find((s) => s.id === station), line: { id: line, name: LINES[line].name, grace_s: 0 },
    process: { id: process, name: nameOf(process) },
    suppliers: named(direct), upstream: named(["blanking", "stamping"].filter((p) => !direct.includes(p))),
    customers: named(links.filter((l) => l.supplier === process).map((l) => l.customer)),
    defects: defects.filter((x) => x.origin !== process), own_defects: defects.filter((x) => x.origin === process),
    calls: functions.map(({ id, name }) => ({ id, name })),
    standards: { reject: { acknowledge: 180, arrive: 600, contain: 3600, answer: 86400 }, stop: { acknowledge: 60, arrive: 180, contain: 900, answer: 86400 }, call: { acknowledge: 300, arrive: 900 } },
  };
}
