import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { effectScope, shallowRef } from "vue";
import { gathered } from "../../src/live/gather";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("draws the first change at once, a burst together, and never anything but the newest", () => {
  const scope = effectScope();
  const source = shallowRef(0);
  const drawn = scope.run(() => gathered(source, 100, () => Date.now()))!;
  source.value = 1;
  expect(drawn.value).toBe(1);
  for (const next of [2, 3, 4]) {
    vi.advanceTimersByTime(20);
    source.value = next;
    expect(drawn.value).toBe(1);
  }
  vi.advanceTimersByTime(40);
  expect(drawn.value).toBe(4);
  vi.advanceTimersByTime(500);
  source.value = 5;
  expect(drawn.value).toBe(5);
  source.value = 6;
  scope.stop();
  vi.advanceTimersByTime(500);
  expect(drawn.value).toBe(5);
});
