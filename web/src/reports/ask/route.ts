/** Which report, or page beside the reports, and what it is asked: all of it in the address. */
import { computed, onScopeDispose, ref } from "vue";
import { read, write, type Query } from "./query";

const PLACE = /^\/desk\/reports(?:\/([^/]+))?(?:\/([^/]+))?/;
const pageHere = (): string => decodeURIComponent(PLACE.exec(location.pathname)?.[1] ?? "");
const itemHere = (): string => decodeURIComponent(PLACE.exec(location.pathname)?.[2] ?? "");

/** The address of a page with its question; the site stays the one that is looked at. */
export function hrefOf(page: string, query: Query | string, item = ""): string {
  const words = new URLSearchParams(typeof query === "string" ? query : write(query));
  return withSite(`/desk/reports${[page, item].map((part) => part && `/${encodeURIComponent(part)}`).join("")}${words.size ? `?${words}` : ""}`);
}

export function withSite(href: string): string {
  const site = new URLSearchParams(location.search).get("site");
  return site ? `${href}${href.includes("?") ? "&" : "?"}site=${encodeURIComponent(site)}` : href;
}

/** Follows an address within the desk without loading the page again. */
export function follow(href: string): void {
  history.pushState(null, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

export function useReportRoute() {
  const page = ref(pageHere());
  const item = ref(itemHere());
  const search = ref(location.search);
  const moved = (): void => {
    page.value = pageHere();
    item.value = itemHere();
    search.value = location.search;
  };
  window.addEventListener("popstate", moved);
  onScopeDispose(() => window.removeEventListener("popstate", moved));
  return {
    page,
    item,
    query: computed(() => read(search.value)),
    open: (to: string, query: Query) => follow(hrefOf(to, query)),
    /** Says the same more exactly, so nothing is added to the way back. */
    settle(query: Query): void {
      history.replaceState(null, "", hrefOf(page.value, query));
      moved();
    },
  };
}
