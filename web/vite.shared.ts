import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import type { UserConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One build: the pages that it has, and the folder that its server serves. */
export function build(pages: readonly string[], into: string): UserConfig {
  return {
    root: here("."),
    base: "/",
    plugins: [vue()],
    define: {
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    build: {
      outDir: here(into),
      emptyOutDir: true,
      target: "es2022",
      // The content policy allows no data: addresses and no inline scripts, so nothing is inlined.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: pages.map(here) },
    },
  };
}
