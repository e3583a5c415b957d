"use strict";
const go = document.getElementById("go");
const other = document.getElementById("other");
// The code and the station that a QR code brought along go on with the tablet.
go.href += location.hash;
other.href += location.hash;

const agent = navigator.userAgent;
// iPadOS calls itself a Mac; only its fingers give it away.
const apple = /iPad|iPhone/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
const device = /Android/.test(agent) ? "android" : apple ? "ipad" : /Windows/.test(agent) ? "windows" : null;
for (const part of document.querySelectorAll("details")) part.open = device === null || part.id === device;

// Whoever trusts the agent already is not taught: a scanned code goes straight on.
fetch(new URL("/health", go.href), { mode: "no-cors" }).then(
  () => {
    document.getElementById("trusted").hidden = false;
    if (location.hash.includes("code=") && location.protocol === "http:") location.replace(go.href);
  },
  () => undefined,
);
