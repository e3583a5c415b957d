/** The few answers of the HTTP API that the desk and the phone ask for. */
import { ago } from "./factory.mjs";

const NEXT = { acknowledge: "acknowledged", arrive: "arrived", contain: "contained", answer: "answered", withdraw: "withdrawn", accept: "closed", decline: "contained" };
const COMMANDS = { open: ["acknowledge", "arrive", "withdraw", "dispute", "rule", "comment"], acknowledged: ["arrive", "withdraw", "comment"], arrived: ["contain", "comment"], contained: ["answer", "dispose", "dispute", "rule", "comment"], answered: ["accept", "decline", "comment"] };

const whole = (complaint) => ({
  note: "Edge of the flange, left side", serials: [], photos: [], lot: "L-0931", disposition: [], answer: null, withdraw_reason: null, decline_reason: null, reopen_reason: null, chain: 3,
  ...complaint,
  commands: COMMANDS[complaint.state] ?? ["comment"],
  history: [
    { seq: 41, kind: complaint.kind, at: complaint.occurred_at, occurred_at: complaint.occurred_at, said: { defect: complaint.defect, qty: 2 }, changed: {} },
    ...(complaint.acknowledged_at ? [{ seq: 44, kind: "acknowledge", occurred_at: complaint.acknowledged_at, at: complaint.acknowledged_at, role: complaint.acknowledged_role, said: {}, changed: {} }] : []),
  ],
});

export function answerDesk(board, change, request, path, text, json) {
  const [, id, command] = /^\/api\/v1\/complaints\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (path === "/api/v1/complaints") return json(200, { items: board.complaints, next: null });
  const complaint = board.complaints.find((c) => c.id === id);
  if (!complaint) return json(404, { title: "Not found", status: 404, detail: `there is nothing at ${path}` });
  if (!command) return json(200, whole(complaint));
  const seen = Number((request.headers["if-match"] ?? "").replaceAll('"', ""));
  if (seen && seen !== complaint.version)
    return json(409, { title: "Conflict", status: 409, detail: "somebody was faster", present: whole(complaint) });
  if (command === "arrive" && JSON.parse(text).code !== "042")
    return json(422, { title: "Invalid", status: 422, detail: "the code does not fit; look at the station's tablet" });
  const state = NEXT[command] ?? complaint.state;
  const changed = { ...complaint, version: complaint.version + 1, state, ...(NEXT[command] ? { [`${state}_at`]: ago(0) } : {}), ...(command === "acknowledge" ? { acknowledged_role: "supervisor" } : {}) };
  change(changed);
  return json(200, whole(changed));
}
