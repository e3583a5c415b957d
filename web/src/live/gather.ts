/** Many changes in a burst are drawn together: the first at once, the others at most every so often. */
import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from "vue";

export function gathered<T>(source: Readonly<Ref<T>>, everyMs: number, now = () => performance.now()): Readonly<ShallowRef<T>> {
  const shown = shallowRef(source.value) as ShallowRef<T>;
  let drawn = -everyMs;
  let waiting: ReturnType<typeof setTimeout> | null = null;
  function draw(): void {
    waiting = null;
    drawn = now();
    shown.value = source.value;
  }
  watch(
    source,
    () => {
      const left = drawn + everyMs - now();
      if (left <= 0 && waiting === null) draw();
      else waiting ??= setTimeout(draw, left);
    },
    { flush: "sync" },
  );
  onScopeDispose(() => waiting !== null && clearTimeout(waiting));
  return shown;
}
