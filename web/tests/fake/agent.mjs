/**
 * A station agent that forgets everything, for looking at the station page: node tests/fake/agent.mjs PORT [SCENE].
 * Scenes: idle, busy, unheard, drill, answered. Presses are recorded after a second, as if a server had heard them.
 */
import { createServer } from "node:http";
import { sendFile } from "./files.mjs";
import { ago, card, setup } from "./factory.mjs";

const [port = "8801", scene = "busy"] = process.argv.slice(2);
const STATIC = new URL("../../../station_client/threenos_station/static/", import.meta.url);
const station = "welding-1";
const listeners = new Set();
const presses = [];
const complaints = {
  busy: [
    card({ station, defect: "dent", occurred_at: ago(400), code: "042", state: "acknowledged", acknowledged_at: ago(300), acknowledged_role: "team-leader", repeats: 1, qty: 3 }),
    card({ station, supplier: "blanking", defect: "hole", occurred_at: ago(215), code: "317" }),
    card({ station, kind: "call", supplier: "maintenance", occurred_at: ago(30), code: "555", names: {} }),
  ],
  answered: [
    card({ station, defect: "scratch", occurred_at: ago(90000), state: "answered", code: "042", acknowledged_role: "team-leader", acknowledged_at: ago(89900), arrived_at: ago(89500), contained_at: ago(88000), answered_at: ago(400),
      answer: { cause_made: "The die insert was worn after 41,000 strokes; the change interval is 50,000.", cause_missed: "The gauge at the press checks the radius only, not the surface.", countermeasure: "Interval 35,000 strokes; light box for the surface at the press.", owner: "process-owner", due_on: "2026-12-04" } }),
  ],
}[scene] ?? [];

const document_ = () => ({
  station,
  server: { heard: scene !== "unheard", since: ago(75), at: ago(0) },
  link: { connected: scene !== "unheard", problem: null },
  setup: setup(station),
  state: {
    v: 1, at: ago(0), seq: 7, refused: [], complaints,
    line: { id: "line-a", name: setup(station).line.name, state: stopped() ? "stopped" : "running", since: ago(3600), stop_at: null, drill: scene === "drill", first_piece: null },
  },
  outbox: { waiting: presses.filter((p) => !p.recorded).length, oldest_at: null },
  parked: scene === "drill" ? [{ event: "0199a3c0-0000-7000-8000-00000000dead", kind: "accept", at: ago(30), reason: "not-allowed", detail: "accept is not possible while contained" }] : [],
  presses,
});
const stopped = () => complaints.some((c) => c.kind === "stop" && c.stop?.state === "stopped");
const tell = () => {
  for (const to of listeners) to.write(`data: ${JSON.stringify(document_())}\n\n`);
};
setInterval(tell, 5000);

function take(body) {
  if (presses.some((p) => p.id === body.id)) return;
  const press = { id: body.id, kind: body.kind, at: ago((body.age_ms ?? 0) / 1000), saved: true, recorded: false, defect: body.defect ?? null, supplier: body.supplier ?? null };
  presses.unshift(press);
  tell();
  if (scene !== "unheard") setTimeout(() => record(press, body), 1000);
}

function record(press, body) {
  press.recorded = true;
  const at = complaints.findIndex((c) => c.id === body.complaint);
  if (["reject", "stop", "call"].includes(body.kind))
    complaints.unshift(card({ id: body.id, kind: body.kind, station, supplier: body.supplier ?? "stamping", defect: body.defect ?? null, occurred_at: press.at, code: "731", stop: body.kind === "stop" ? { state: "stopped", from: press.at, until: null } : null }));
  else if (at >= 0 && ["withdraw", "accept"].includes(body.kind)) complaints.splice(at, 1);
  else if (at >= 0 && body.kind === "arrive") complaints[at] = { ...complaints[at], state: "arrived", arrived_at: ago(0) };
  tell();
}

createServer((request, response) => {
  const path = request.url.split("?")[0];
  if (path.endsWith("/events")) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    listeners.add(response);
    request.on("close", () => listeners.delete(response));
    response.write(`data: ${JSON.stringify(document_())}\n\n`);
  } else if (request.method === "POST" && path.endsWith("/presses")) {
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      const body = JSON.parse(text);
      take(body);
      response.writeHead(201, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ id: body.id, saved: true }));
    });
  } else sendFile(STATIC, path.startsWith("/station/") && !path.endsWith(".webmanifest") ? "index.html" : path, response);
}).listen(Number(port), "127.0.0.1");
