/** Which page of the desk: the queue, or one complaint; kept in the address so that it can be sent to somebody. */
import { onScopeDispose, ref } from "vue";

const here = (): string | null => {
  const id = /^\/desk\/complaints\/([^/]+)/.exec(location.pathname)?.[1];
  return id ? decodeURIComponent(id) : null;
};

export function useRoute() {
  const complaint = ref(here());
  const moved = () => (complaint.value = here());
  window.addEventListener("popstate", moved);
  onScopeDispose(() => window.removeEventListener("popstate", moved));
  return {
    complaint,
    open(id: string | null): void {
      const path = id ? `/desk/complaints/${encodeURIComponent(id)}` : "/desk";
      history.pushState(null, "", path + location.search);
      moved();
    },
  };
}
