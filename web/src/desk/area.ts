/** Which area of the desk the address names: the queue and its complaints, administration, the chain, the reports, or the setup guide. */
import { onScopeDispose, ref } from "vue";

export type Area = "queue" | "admin" | "start" | "chain" | "reports";

export function areaOf(path: string): Area {
  const word = /^\/desk\/(admin|start|chain|reports)(?:\/|$)/.exec(path)?.[1];
  return word === undefined ? "queue" : (word as Area);
}

/** Opens an address of the desk without loading the page again. Whoever follows the address hears of it. Only the site goes along. */
export function go(path: string): void {
  const site = new URLSearchParams(location.search).get("site");
  history.pushState(null, "", site ? `${path}?site=${encodeURIComponent(site)}` : path);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

/** The path of the address as it changes, for as long as the component lives. */
export function usePath() {
  const path = ref(location.pathname);
  const moved = () => (path.value = location.pathname);
  window.addEventListener("popstate", moved);
  onScopeDispose(() => window.removeEventListener("popstate", moved));
  return path;
}
