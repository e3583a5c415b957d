import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vite";
import { installed } from "./vite.installed";
import { build } from "./vite.shared";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(
  mergeConfig(build(["./index.html"], "../station_client/threenos_station/static"), {
    plugins: [installed(here("./src/look/icon.svg"))],
    build: {
      rolldownOptions: {
        input: [here("./src/station/worker/worker.ts")],
        // The worker keeps its name and lies above all that it serves.
        output: { entryFileNames: ({ name }: { name: string }) => (name === "worker" ? "worker.js" : "assets/[name]-[hash].js") },
      },
    },
  }),
);
