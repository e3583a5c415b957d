/** Something that is being done on a page: whether it still is, and why it could not be. */
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { w } from "../../i18n/reports-work";
import { Refusal } from "../../session/api";
import { explain, type Trouble } from "../ask/trouble";

const WORDS: { readonly [status: number]: keyof typeof w.value.trouble } = { 403: "forbidden", 409: "conflict", 412: "conflict", 422: "invalid" };

export interface Doing {
  readonly busy: Readonly<Ref<boolean>>;
  readonly trouble: Readonly<ShallowRef<Trouble | null>>;
  /** Does it, and answers whether it was done. */
  run(what: () => Promise<unknown>): Promise<boolean>;
}

export function useDoing(): Doing {
  const busy = ref(false);
  const trouble = shallowRef<Trouble | null>(null);
  return {
    busy,
    trouble,
    async run(what) {
      busy.value = true;
      trouble.value = null;
      try {
        await what();
        return true;
      } catch (error) {
        const word = error instanceof Refusal ? WORDS[error.problem.status] : undefined;
        trouble.value = { ...explain(error), without: [], ...(word ? { said: w.value.trouble[word] } : {}) };
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
