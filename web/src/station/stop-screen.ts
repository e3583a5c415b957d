/** When the red screen covers the page: for my newest stop, until the worker puts it aside. */
import { computed, ref } from "vue";
import type { Place } from "./place";

export function useStopScreen(place: Place) {
  const aside = ref<string | null>(null);
  return {
    covering: computed(() => (place.stop.value && place.stop.value.id !== aside.value ? place.stop.value : null)),
    hide: () => (aside.value = place.stop.value?.id ?? null),
    show: () => (aside.value = null),
  };
}
