/** Asks whenever the question changes; the answer before stays until the new one is there, and a late one is thrown away. */
import { ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { explain, type Trouble } from "./trouble";

export interface Asking<T> {
  readonly answer: Readonly<ShallowRef<T | null>>;
  readonly trouble: Readonly<ShallowRef<Trouble | null>>;
  readonly busy: Readonly<Ref<boolean>>;
  again(): Promise<void>;
}

export function useAnswer<T>(question: () => string, ask: () => Promise<T>): Asking<T> {
  const answer = shallowRef<T | null>(null);
  const trouble = shallowRef<Trouble | null>(null);
  const busy = ref(false);
  let turn = 0;
  async function again(): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    try {
      const found = await ask();
      if (mine !== turn) return;
      answer.value = found;
      trouble.value = null;
    } catch (error) {
      if (mine === turn) trouble.value = explain(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }
  watch(question, again, { immediate: true });
  return { answer, trouble, busy, again };
}
