/** The language of the page: chosen by the person, else the device's; remembered on this device. */
import { computed, ref, watchEffect, type ComputedRef } from "vue";

export type Language = "en" | "zh";

/** A name from the chain, in each language. The chain may leave one out, then the other stands in. */
export interface Name {
  readonly en?: string;
  readonly zh?: string;
}

const KEY = "threenos.language";

function remembered(): Language {
  const kept = typeof localStorage === "undefined" ? null : localStorage.getItem(KEY);
  if (kept === "en" || kept === "zh") return kept;
  const device = typeof navigator === "undefined" ? "en" : navigator.language;
  return device.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export const language = ref<Language>(remembered());

export function choose(next: Language): void {
  language.value = next;
  if (typeof localStorage !== "undefined") localStorage.setItem(KEY, next);
}

/** Keeps the document's `lang` right, which picks the Chinese glyphs and tells screen readers. */
export function markDocument(title: () => string): void {
  watchEffect(() => {
    document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
    document.title = title();
  });
}

/** The words of a page in the chosen language. Both are of one type, so a key missing in either does not compile. */
export function words<T extends object>(en: T, zh: NoInfer<T>): ComputedRef<T> {
  return computed(() => (language.value === "zh" ? zh : en));
}

/** A name in the chosen language; an id where nobody gave a name. */
export function nameOf(name: Name | null | undefined, fallback: string): string {
  const [first, second] = language.value === "zh" ? [name?.zh, name?.en] : [name?.en, name?.zh];
  return first || second || fallback;
}
