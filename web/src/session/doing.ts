/** Something that is being done on a page: whether it still is, and why it could not be, in the words of that part of the pages. */
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

export interface Doing<Trouble> {
  readonly busy: Readonly<Ref<boolean>>;
  readonly trouble: Readonly<ShallowRef<Trouble | null>>;
  /** Does it, and answers whether it was done. */
  run(what: () => Promise<unknown>): Promise<boolean>;
}

export function doing<Trouble>(explain: (error: unknown) => Trouble): Doing<Trouble> {
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
        trouble.value = explain(error);
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
