/** What makes the station page an app: its icons, and a service worker that knows the files of this build. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { png } from "./icons";

const WORKER = "worker.js";
/** What is opened by name and so is not for ever; the worker keeps the page under its own rule. */
const NOT_KEPT = new Set([WORKER, "index.html"]);

export function installed(icon: string): Plugin {
  return {
    name: "installed",
    generateBundle() {
      const svg = readFileSync(icon, "utf8");
      for (const [name, size, full] of [["192", 192, false], ["512", 512, false], ["maskable", 512, true], ["apple", 180, true]] as const)
        this.emitFile({ type: "asset", fileName: `icons/${name}.png`, source: png(svg, size, full) });
    },
    writeBundle({ dir }) {
      const folder = dir ?? "";
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".") && !NOT_KEPT.has(name)).sort();
      const sum = createHash("sha256").update(files.join("\n")).update(readFileSync(join(folder, "index.html")));
      const paths = JSON.stringify(files.map((file) => `/${file.replaceAll("\\", "/")}`));
      const worker = readFileSync(join(folder, WORKER), "utf8");
      const filled = worker.replaceAll("BUILT_FILES", paths).replaceAll("BUILT_AS", JSON.stringify(`threenos-${sum.digest("hex").slice(0, 16)}`));
      writeFileSync(join(folder, WORKER), filled);
    },
  };
}
