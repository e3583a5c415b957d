"use strict";
const part = (id) => document.getElementById(id);
let ends = 0;

async function list() {
  const stations = await (await fetch("/api/stations")).json();
  part("stations").replaceChildren(
    ...stations.map((s) => {
      const link = document.createElement("a");
      const id = document.createElement("small");
      link.className = "button";
      link.href = "/station/" + encodeURIComponent(s.id);
      id.textContent = s.id;
      link.append([s.name.en, s.name.zh].filter(Boolean).join(" ") || s.id, id);
      return link;
    }),
  );
}

function left() {
  const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
  const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  part("left").textContent = seconds > 0 ? `One tablet, for ${shown} 可配对一台平板，剩余 ${shown}` : "";
  part("given").hidden = seconds === 0;
}

part("pairing").hidden = !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
part("pair").addEventListener("click", async () => {
  const answer = await fetch("/api/pairings", { method: "POST" });
  const told = await answer.json();
  part("said").textContent = answer.ok ? "" : told.detail;
  if (!answer.ok) return;
  part("qr").src = told.qr;
  part("code").textContent = `${told.code.slice(0, 4)} ${told.code.slice(4)}`;
  part("address").textContent = told.url.split("#")[0];
  ends = Date.now() + told.seconds * 1000;
  left();
});
setInterval(left, 1000);
list().catch(() => { part("said").textContent = "The agent does not answer. 代理没有响应。"; });
