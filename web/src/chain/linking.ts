/** Drag from a process to another: where the pointer is, and over which process. Until it moves, it is a click. */
import { onScopeDispose, ref, shallowRef } from "vue";

export interface Drag {
  readonly from: string;
  /** Within the drawing, in its own measure. */
  readonly x: number;
  readonly y: number;
  readonly over: string | null;
}
/** A hand shakes by less. */
const SLACK = 6;

const processAt = (x: number, y: number): string | null =>
  document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-process]")?.dataset["process"] ?? null;

export function useLinking(origin: () => { readonly left: number; readonly top: number; readonly scale: number }, linked: (from: string, to: string) => void) {
  const drag = shallowRef<Drag | null>(null);
  const dragged = ref(false);
  let start: { readonly from: string; readonly x: number; readonly y: number } | null = null;

  function move(event: PointerEvent): void {
    if (!start) return;
    if (!drag.value && Math.hypot(event.clientX - start.x, event.clientY - start.y) < SLACK) return;
    const { left, top, scale } = origin();
    const over = processAt(event.clientX, event.clientY);
    dragged.value = true;
    drag.value = {
      from: start.from,
      x: (event.clientX - left) / scale,
      y: (event.clientY - top) / scale,
      over: over === start.from ? null : over,
    };
  }
  function end(): void {
    const done = drag.value;
    stop();
    if (done?.over) linked(done.from, done.over);
  }
  function stop(): void {
    start = drag.value = null;
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", stop);
    window.removeEventListener("keydown", escape);
  }
  function escape(event: KeyboardEvent): void {
    if (event.key === "Escape") stop();
  }
  onScopeDispose(stop);

  return {
    drag,
    /** The click that ends a drag chooses nothing. */
    wasDragged: (): boolean => dragged.value,
    begin(from: string, event: PointerEvent): void {
      if (event.button !== 0) return;
      dragged.value = false;
      start = { from, x: event.clientX, y: event.clientY };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", stop);
      window.addEventListener("keydown", escape);
    },
  };
}
