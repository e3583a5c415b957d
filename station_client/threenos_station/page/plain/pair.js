"use strict";
document.getElementById("form").addEventListener("submit", async (e) => {
  e.preventDefault();
  const said = document.getElementById("said");
  try {
    const answer = await fetch("/api/pair", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: document.getElementById("code").value }),
    });
    if (answer.ok) location.assign("/");
    else said.textContent = "Wrong or expired code; ask for a new one. 配对码错误或已过期，请重新获取。";
  } catch {
    said.textContent = "The agent does not answer. 代理没有响应。";
  }
});
