"use strict";
// What a scanned code brought along, behind the #: the code itself, and the station that the tablet is for.
const brought = new URLSearchParams(location.hash.slice(1));
const form = document.getElementById("form");
const code = document.getElementById("code");
const said = document.getElementById("said");

async function home() {
  const wanted = brought.get("station");
  const stations = await (await fetch("/api/stations")).json();
  const known = stations.find((s) => s.id === wanted) ?? (stations.length === 1 ? stations[0] : null);
  location.replace(known ? "/station/" + encodeURIComponent(known.id) : "/");
}

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  try {
    const answer = await fetch("/api/pair", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: code.value }),
    });
    if (answer.ok) await home();
    else said.textContent = "Wrong or expired code; ask for a new one. 配对码错误或已过期，请重新获取。";
  } catch {
    said.textContent = "The agent does not answer. 代理没有响应。";
  }
});

if (brought.get("code")) {
  code.value = brought.get("code");
  form.requestSubmit();
} else code.focus();
