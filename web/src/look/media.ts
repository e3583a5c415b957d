/** A media query as a value, for what a stylesheet cannot decide. */
import { onScopeDispose, ref, type Ref } from "vue";

export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = window.matchMedia(query);
  const matches = ref(list.matches);
  const changed = () => (matches.value = list.matches);
  list.addEventListener("change", changed);
  onScopeDispose(() => list.removeEventListener("change", changed));
  return matches;
}
