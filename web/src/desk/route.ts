/** Which page of the desk: the queue, a complaint, or its hold tag; kept in the address so that it can be sent to somebody. */
import { onScopeDispose, ref } from "vue";
import { pageOf, tagOf } from "./complaint";

const COMPLAINT = /^\/desk\/complaints\/([^/]+)(\/tag)?/;
const here = (): string | null => {
  const id = COMPLAINT.exec(location.pathname)?.[1];
  return id ? decodeURIComponent(id) : null;
};
const isTag = (): boolean => COMPLAINT.exec(location.pathname)?.[2] !== undefined;

export function useRoute() {
  const complaint = ref(here());
  const tag = ref(isTag());
  function moved(): void {
    complaint.value = here();
    tag.value = isTag();
  }
  window.addEventListener("popstate", moved);
  onScopeDispose(() => window.removeEventListener("popstate", moved));
  return {
    complaint,
    tag,
    open(id: string | null, asTag = false): void {
      const path = id ? (asTag ? tagOf(id) : pageOf(id)) : "/desk";
      history.pushState(null, "", path + location.search);
      moved();
    },
  };
}
