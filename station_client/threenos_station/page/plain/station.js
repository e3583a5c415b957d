"use strict";
const api = "/api/stations/" + location.pathname.split("/")[2];
const said = document.getElementById("said");
const band = document.getElementById("band");
const HOLD_MS = 600;
const SILENT_MS = 12000;

async function press(kind) {
  try {
    const answer = await fetch(api + "/presses", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ kind }),
    });
    const told = await answer.json();
    said.textContent = answer.ok ? "✓ saved 已保存" : "NOT SAVED 未保存: " + told.detail;
  } catch {
    said.textContent = "NOT SAVED — call out 未保存，请口头呼叫";
  }
}

function draw(told) {
  band.hidden = told.server.heard;
  document.getElementById("presses").replaceChildren(
    ...told.presses.map((p) => {
      const item = document.createElement("li");
      item.textContent = `${p.kind} ${new Date(p.at).toLocaleTimeString()} ${p.recorded ? "✓✓ recorded 已记录" : "✓ saved 已保存"}`;
      return item;
    }),
  );
}

let silent;
function listen() {
  clearTimeout(silent);
  silent = setTimeout(() => { band.hidden = false; }, SILENT_MS);
}

document.getElementById("reject").addEventListener("click", () => press("reject"));
const stop = document.getElementById("stop");
let held;
stop.addEventListener("pointerdown", () => { held = setTimeout(() => press("stop"), HOLD_MS); });
for (const end of ["pointerup", "pointerleave", "pointercancel"]) stop.addEventListener(end, () => clearTimeout(held));
stop.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.repeat) press("stop"); });

const events = new EventSource(api + "/events");
events.onmessage = (e) => { listen(); draw(JSON.parse(e.data)); };
events.onerror = () => { band.hidden = false; };
listen();
