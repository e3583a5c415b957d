/** Which area of the desk the address names: the queue and its complaints, administration, the chain, or the setup guide. */
import { onScopeDispose, ref } from "vue";

export type Area = "queue" | "admin" | "start" | "chain";

export function areaOf(path: string): Area {
  const word = /^\/desk\/(admin|start|chain)(?:\/|$)/.exec(path)?.[1];
  return word === "admin" || word === "start" || word === "chain" ? word : "queue";
}

/** Opens an address of the desk without loading the page again. Whoever follows the address hears of it. */
export function go(path: string): void {
  history.pushState(null, "", path + location.search);
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
