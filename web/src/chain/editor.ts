/** What the parts of the editor share: the draft, its problems, what is chosen and what is lit. */
import { computed, inject, nextTick, provide, ref, shallowRef, type InjectionKey } from "vue";
import { nameOf } from "../i18n/language";
import { t } from "../i18n/chain";
import { session } from "../session/session";
import { publish, type Outcome, atVersion } from "./api";
import { useChecking } from "./checking";
import { FINAL, find, type Both, type Chain, type Section } from "./document";
import { useDraft } from "./draft";
import { add, freeId, remove } from "./edits";
import { placeName, type Area, type Located, type Place } from "./place";
import { rebase } from "./rebase";
import { rename } from "./rename";

export type Tab = "chosen" | "lines" | "defects" | "standards" | "calendar";
const TABS: Readonly<Record<Area, Tab>> = {
  processes: "chosen",
  links: "chosen",
  stations: "chosen",
  lines: "lines",
  site: "lines",
  defects: "defects",
  standards: "standards",
  shifts: "calendar",
  holidays: "calendar",
  rates: "lines",
};

export type Named = Exclude<Section, "links" | "rates">;

const WRITERS: readonly string[] = ["admin", "quality-engineer"];
function mayWrite(site: string | undefined): boolean {
  const grants = session.value?.roles ?? [];
  return grants.some((g) => WRITERS.includes(g.role) && !g.line && !g.process && (!g.site || !site || g.site === site));
}

/** The name of whatever has this id: what a problem speaks of. */
export function named(chain: Chain, id: string): string {
  if (id === FINAL) return t.value.drawing.final;
  for (const section of ["processes", "lines", "stations", "defects", "shifts"] as const) {
    const found = find(chain, section, id);
    if (found) return nameOf(found.name, id);
  }
  return id;
}

function useEditor() {
  const draft = useDraft();
  const checking = useChecking(draft.chain);
  const chosen = shallowRef<Place | null>(null);
  const tab = ref<Tab>("chosen");
  /** A problem that was clicked: its places are lit until something else is chosen. */
  const lit = shallowRef<Located | null>(null);
  const busy = ref(false);

  const chain = (): Chain => {
    if (!draft.chain.value) throw new Error("there is no draft yet");
    return draft.chain.value;
  };

  function choose(place: Place | null): void {
    chosen.value = place;
    lit.value = null;
    if (place) tab.value = TABS[place.area];
  }
  const byName = (name: string) => document.querySelector<HTMLElement>(`[data-place="${CSS.escape(name)}"]`);

  /** To the place of a problem: chosen, lit, and in view. */
  async function goTo(problem: Located): Promise<void> {
    const { place } = problem;
    if (place?.area === "stations") {
      choose({ area: "processes", key: find(chain(), "stations", place.key)?.process ?? "" });
    } else choose(place);
    lit.value = problem;
    await nextTick();
    if (place) byName(placeName(place))?.scrollIntoView({ block: "nearest" });
  }

  /** Adds something with a name of its own, and goes there. */
  function create<S extends Named>(section: S, name: Both, make: (id: string) => Chain[S][number]): void {
    const id = freeId(chain(), section, name.en, section);
    draft.edit((now) => add(now, section, make(id)));
    if (section !== "stations") choose({ area: section, key: id });
  }

  function renameTo(section: Named, from: string, to: string): void {
    draft.edit((now) => rename(now, section, from, to));
    if (chosen.value?.area === section && chosen.value.key === from) choose({ area: section, key: to });
  }
  /** Complaints refer to what is published, so its id stays. */
  const isPublished = (section: Section, key: string) =>
    draft.base.value !== null && find(draft.base.value.chain, section, key) !== undefined;

  async function send(): Promise<Outcome> {
    busy.value = true;
    const outcome = await publish(chain(), draft.base.value?.version ?? 0);
    if (outcome.is === "done") {
      draft.stand({ version: outcome.version, chain: await atVersion(outcome.version).catch(chain) }, null);
      draft.save();
    }
    if (outcome.is === "faster") await draft.look();
    busy.value = false;
    return outcome;
  }

  const rebased = computed(() => {
    const [base, newer] = [draft.base.value, draft.newer.value];
    return base && newer ? rebase(base.chain, chain(), newer.chain) : null;
  });
  /** My changes on top of what was published meanwhile. */
  function takeOver(): void {
    const [newer, result] = [draft.newer.value, rebased.value];
    if (!newer) return;
    draft.newer.value = null;
    draft.stand(newer, result?.chain ?? chain());
  }

  return {
    ...draft,
    checking, chosen, tab, lit, busy, rebased, choose, goTo, create, send, takeOver,
    /** What a background look could not do is tried again with the next one. */
    missed: (error: unknown) => console.warn("the newest version could not be read", error),
    mayWrite: computed(() => mayWrite(draft.base.value?.chain.site.id)),
    named: (id: string | null): string => (id === null ? t.value.field.none : named(chain(), id)),
    renameTo,
    isPublished,
    /** What is new and has a number for an id gets one of its name, as soon as it has a name. */
    nameId(section: Named, id: string, name: Both): void {
      if (isPublished(section, id) || !/^(process|line|defect|shift)-\d+$/.test(id) || !/[a-z0-9]/i.test(name.en)) return;
      renameTo(section, id, freeId(chain(), section, name.en, section));
    },
    drop(section: Section, key: string): void {
      draft.edit((now) => remove(now, section, key));
      if (chosen.value?.key === key) choose(null);
    },
    /** Marks an element as the place of an entry, for problems to lead to. */
    at(area: Area, key: string) {
      const name = placeName({ area, key });
      const here = lit.value?.place && placeName(lit.value.place) === name;
      return { "data-place": name, "data-lit": here ? (lit.value?.error ? "error" : "warning") : undefined };
    },
  };
}

export type Editor = ReturnType<typeof useEditor>;
const KEY: InjectionKey<Editor> = Symbol("chain editor");

export function provideEditor(): Editor {
  const editor = useEditor();
  provide(KEY, editor);
  return editor;
}

/** The editor of the page; and its chain, which parts are drawn with only when it is there. */
export function editorHere(): Editor & { readonly now: { readonly value: Chain } } {
  const editor = inject(KEY);
  if (!editor) throw new Error("only within the chain editor");
  const now = computed(() => editor.chain.value as Chain);
  return { ...editor, now };
}

