"use strict";
const said = document.getElementById("said");
const pair = document.getElementById("pair");

async function list() {
  const stations = await (await fetch("/api/stations")).json();
  document.getElementById("stations").replaceChildren(
    ...stations.map((s) => {
      const link = document.createElement("a");
      link.href = "/station/" + s.id;
      link.textContent = s.id;
      return link;
    }),
  );
}

pair.hidden = !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
pair.addEventListener("click", async () => {
  const answer = await fetch("/api/pairings", { method: "POST" });
  const told = await answer.json();
  said.textContent = answer.ok
    ? `Type at the tablet within ten minutes 请在十分钟内于平板输入: ${told.code} (/pair)`
    : told.detail;
});
list().catch(() => { said.textContent = "The agent does not answer. 代理没有响应。"; });
