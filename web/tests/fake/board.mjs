/**
 * A server that knows one board and forgets everything: node tests/fake/board.mjs PORT [SCENE].
 * Scenes: live (one more alarm each 20 s), calm, silent (no tick after the snapshot), refused (a sign-in first).
 */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { sendFile } from "./files.mjs";
import { ago, card, snapshot } from "./factory.mjs";
import { answerDesk } from "./desk.mjs";

const [port = "8802", scene = "live"] = process.argv.slice(2);
const STATIC = new URL("../../../server/threenos_server/static/", import.meta.url);
const board = snapshot(scene);
const sockets = new Set();
let signedIn = scene !== "refused";
const SESSION = { id: "p-1", name: "Li Wei", roles: [{ role: "supervisor", site: null, line: null, process: null }], csrf: "fake", language: "en", lacks: null };

const emit = (socket, event, message) => socket.send(`42/board,${JSON.stringify([event, message])}`);

export function change(complaint) {
  const delta = { prev: board.seq, seq: ++board.seq, at: ago(0), kind: "fake", lines: {}, stations: {}, complaints: { [complaint.id]: complaint } };
  board.complaints = [...board.complaints.filter((c) => c.id !== complaint.id), complaint];
  for (const socket of sockets) emit(socket, "delta", delta);
}

const web = createServer((request, response) => {
  const path = request.url.split("?")[0];
  const json = (status, body) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    if (path === "/api/v1/session") {
      if (request.method === "POST") signedIn = true;
      return signedIn ? json(200, SESSION) : json(401, { title: "Sign in first", status: 401, detail: "nobody is signed in" });
    }
    if (path.startsWith("/api/v1/")) return answerDesk(board, change, request, path, text, json);
    const page = /^\/(board|desk)(\/|$)/.exec(path)?.[1];
    return sendFile(STATIC, page ? `${page}.html` : path, response);
  });
}).listen(Number(port), "127.0.0.1");

// The few packets of Engine.IO 4 and Socket.IO 5 that a board needs.
new WebSocketServer({ server: web, path: "/socket.io/" }).on("connection", (socket) => {
  socket.send(`0${JSON.stringify({ sid: "fake", upgrades: [], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1e6 })}`);
  const beat = setInterval(() => scene !== "silent" && sockets.has(socket) && emit(socket, "tick", { seq: board.seq, at: ago(0) }), 1000);
  const ping = setInterval(() => socket.send("2"), 20000);
  socket.on("message", (data) => {
    const packet = String(data);
    if (packet.startsWith("40/board,")) {
      if (!signedIn) return socket.send(`44/board,${JSON.stringify({ message: "sign in" })}`);
      socket.send(`40/board,${JSON.stringify({ sid: "fake-board" })}`);
      sockets.add(socket);
      emit(socket, "snapshot", { ...board, at: ago(0) });
    } else if (packet.startsWith("42/board,")) emit(socket, "snapshot", { ...board, at: ago(0) });
  });
  socket.on("close", () => {
    clearInterval(beat);
    clearInterval(ping);
    sockets.delete(socket);
  });
});

if (scene === "live")
  setInterval(() => change(card({ station: "grinding-1", supplier: "welding", defect: "spatter", occurred_at: ago(0) })), 20000);
