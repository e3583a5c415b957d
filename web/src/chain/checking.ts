/** The problems of the draft, asked of the server after each pause in editing. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { check } from "./api";
import type { Chain } from "./document";
import { locate, type Located } from "./place";

const PAUSE_MS = 350;
const AGAIN_MS = 5000;

export type Checked = "checking" | "checked" | "away";

export function useChecking(chain: Readonly<Ref<Chain | null>>) {
  const problems = shallowRef<readonly Located[]>([]);
  const state = ref<Checked>("checking");
  let waiting: ReturnType<typeof setTimeout> | undefined;

  async function ask(asked: Chain): Promise<void> {
    try {
      const found = await check(asked);
      // A later draft is on its way to be checked itself.
      if (asked !== chain.value) return;
      problems.value = [
        ...found.errors.map((finding) => locate(asked, finding, true)),
        ...found.warnings.map((finding) => locate(asked, finding, false)),
      ];
      state.value = "checked";
    } catch (error) {
      console.warn("the draft could not be checked", error);
      state.value = "away";
      wait(AGAIN_MS);
    }
  }
  function wait(pause: number): void {
    clearTimeout(waiting);
    waiting = setTimeout(() => chain.value && void ask(chain.value), pause);
  }
  watch(
    chain,
    () => {
      state.value = "checking";
      wait(PAUSE_MS);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(waiting));
  return {
    problems,
    state,
    errors: computed(() => problems.value.filter((problem) => problem.error).length),
    warnings: computed(() => problems.value.filter((problem) => !problem.error).length),
  };
}
