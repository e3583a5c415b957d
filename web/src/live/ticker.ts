/** Time that the screen can watch. */
import { onScopeDispose, ref, type Ref } from "vue";

/** Calls `then` twice a second, so that no clock on the screen skips a second, until the component goes. */
export function everySecond(then: () => void): void {
  const timer = setInterval(then, 500);
  onScopeDispose(() => clearInterval(timer));
}

/** `source()` as a value that is renewed twice a second. */
export function ticking(source: () => number = Date.now): Readonly<Ref<number>> {
  const now = ref(source());
  everySecond(() => (now.value = source()));
  return now;
}
