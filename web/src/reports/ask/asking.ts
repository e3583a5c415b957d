/** Asks whenever the question changes; the answer before stays until the new one is there, and a late one is thrown away. */
import { ref, shallowRef, watch, type Ref, type ShallowRef } from "vue";
import { explain, type Trouble } from "./trouble";

export interface Asking<T> {
  readonly answer: Readonly<ShallowRef<T | null>>;
  readonly trouble: Readonly<ShallowRef<Trouble | null>>;
  readonly busy: Readonly<Ref<boolean>>;
  again(): Promise<void>;
}

/** `understood` is the question that an answer answers, where that says more than was asked: it is not asked again. */
export function useAnswer<T>(question: () => string, ask: () => Promise<T>, understood: (found: T) => string = question): Asking<T> {
  const answer = shallowRef<T | null>(null);
  const trouble = shallowRef<Trouble | null>(null);
  const busy = ref(false);
  let turn = 0;
  let answered: string | null = null;
  async function again(): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    try {
      const found = await ask();
      if (mine !== turn) return;
      answer.value = found;
      answered = understood(found);
      trouble.value = null;
    } catch (error) {
      if (mine !== turn) return;
      answered = null;
      trouble.value = explain(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }
  watch(
    question,
    (asked) => {
      if (asked !== answered) return void again();
      turn++;
      busy.value = false;
    },
    { immediate: true },
  );
  return { answer, trouble, busy, again };
}
