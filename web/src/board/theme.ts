/** Night for dim halls, bright for sunlit ones; remembered on this screen, or given in the address for a kiosk. */
import { ref } from "vue";

export type Theme = "night" | "bright";
const KEY = "threenos.theme";

const given = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem(KEY);
export const theme = ref<Theme>(given === "bright" ? "bright" : "night");

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = theme.value;
}

export function switchTheme(): void {
  theme.value = theme.value === "night" ? "bright" : "night";
  localStorage.setItem(KEY, theme.value);
  applyTheme();
}
