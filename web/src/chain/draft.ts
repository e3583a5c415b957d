/** The draft of this page: what it began with, every step since, and its copy on this device. */
import { computed, ref, shallowRef, watch } from "vue";
import { atVersion, newest, type Published } from "./api";
import { difference } from "./difference";
import type { Chain } from "./document";
import { begin, commit, redo, undo, type History } from "./history";
import { keep, kept } from "./keep";
import { session } from "../session/session";

/** Under what a draft is kept when there is no site yet. */
const NEW = "";
const PAUSE_MS = 300;

export type State = "loading" | "away" | "none" | "here";

export function useDraft() {
  // Asked once: when the session ends the page goes, and what was typed last is still theirs.
  const person = session.value?.id ?? "";
  const state = ref<State>("loading");
  const base = shallowRef<Published | null>(null);
  const history = shallowRef<History<Chain> | null>(null);
  /** What somebody published after this draft began. */
  const newer = shallowRef<Published | null>(null);
  const roomLeft = ref(true);

  const chain = computed(() => history.value?.present ?? null);
  const changes = computed(() => (chain.value ? difference(base.value?.chain ?? null, chain.value) : []));

  function stand(on: Published | null, draft: Chain | null): void {
    base.value = on;
    const start = on?.chain ?? draft;
    history.value = start ? commit(begin(start), draft ?? start) : null;
    state.value = start ? "here" : "none";
  }

  async function load(): Promise<void> {
    try {
      const latest = await newest();
      const own = kept(person, latest?.chain.site.id ?? NEW);
      if (!own || !latest || own.version === latest.version) return stand(latest, own?.chain ?? null);
      newer.value = latest;
      stand({ version: own.version, chain: await atVersion(own.version) }, own.chain);
    } catch (error) {
      console.warn("the chain could not be read", error);
      state.value = "away";
    }
  }

  /** Somebody may have published: a page without changes follows, a draft is told. */
  async function look(): Promise<void> {
    const latest = await newest();
    if (!latest || latest.version === (base.value?.version ?? 0)) return;
    if (base.value && changes.value.length === 0) stand(latest, null);
    else newer.value = latest;
  }

  let waiting: ReturnType<typeof setTimeout> | undefined;
  watch(chain, () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE_MS);
  });
  /** Also called when the page goes, so that the last letters are kept. */
  function save(): void {
    clearTimeout(waiting);
    if (!chain.value) return;
    const site = base.value?.chain.site.id ?? NEW;
    const changed = changes.value.length > 0;
    roomLeft.value = keep(person, site, changed ? { version: base.value?.version ?? 0, chain: chain.value } : null);
  }

  function step(how: (history: History<Chain>) => History<Chain>): void {
    if (history.value) history.value = how(history.value);
  }

  return {
    state, base, chain, changes, newer, roomLeft, load, look, save, stand,
    canUndo: computed(() => (history.value?.past.length ?? 0) > 0),
    canRedo: computed(() => (history.value?.future.length ?? 0) > 0),
    undo: () => step(undo),
    redo: () => step(redo),
    /** `tag` names the field that is typed into. */
    edit: (change: (chain: Chain) => Chain, tag?: string) => step((h) => commit(h, change(h.present), tag)),
    /** The draft is dropped; what is published stands. */
    discard(): void {
      stand(newer.value ?? base.value, null);
      newer.value = null;
      keep(person, NEW, null);
      save();
    },
  };
}

export type Draft = ReturnType<typeof useDraft>;
