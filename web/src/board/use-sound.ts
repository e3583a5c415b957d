/** The sounds of one board on the wall, with the mute. */
import { computed, onScopeDispose, ref, watch } from "vue";
import { ticking } from "../live/ticker";
import type { Snapshot } from "../live/model";
import { listenTo, MUTE_MS, soundsOf, Speaker } from "./sound";

export function useSound(board: () => Snapshot) {
  const speaker = new Speaker();
  const ready = ref(false);
  const mutedUntil = ref(0);
  const now = ticking();
  const wake = () => speaker.wake().then(() => (ready.value = speaker.ready));

  // A kiosk may sound at once; elsewhere this waits for the first touch, and the button says so until then.
  void wake();
  const touched = () => void wake();
  window.addEventListener("pointerdown", touched);
  onScopeDispose(() => window.removeEventListener("pointerdown", touched));

  watch(
    () => listenTo(board().complaints),
    (after, before) => {
      if (mutedUntil.value > Date.now()) return;
      for (const sound of soundsOf(before, after)) speaker.play(sound);
    },
  );
  return {
    ready,
    /** Seconds that the mute still lasts; 0 when it sounds. */
    mutedFor: computed(() => Math.max(0, (mutedUntil.value - now.value) / 1000)),
    mute: () => (mutedUntil.value = mutedUntil.value > Date.now() ? 0 : Date.now() + MUTE_MS),
    wake,
  };
}

export type BoardSound = ReturnType<typeof useSound>;
