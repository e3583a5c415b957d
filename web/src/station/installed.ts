/** The page as an installed app: opened once, it works after a reload with no network and no agent; a new build is taken when nobody is at it. */
import { watch, watchEffect, type ComputedRef } from "vue";
import { language } from "../i18n/language";

/** Registers the service worker once the page stands. Browsers have none on plain http, except on the agent's own machine. */
export function keepPage(idle: ComputedRef<boolean>, heard: () => boolean): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  let begun = workers.controller !== null;
  workers.addEventListener("controllerchange", () => {
    // The first worker brings nothing new; a later one brings a new page, for a moment in which nothing is under way.
    if (begun) watch(idle, (free) => free && location.reload(), { immediate: true });
    begun = true;
  });
  workers.register("/worker.js", { scope: "/station/" }).then(
    // An agent that comes back may have been replaced by a newer one.
    (known) => watch(heard, (now) => now && void known.update().catch(() => undefined)),
    (error: unknown) => console.warn("no service worker: this page needs its agent to open", error),
  );
}

/** The description by which a tablet installs the page, in the language of the page. */
export function describeApp(station: string): void {
  const link = document.createElement("link");
  link.rel = "manifest";
  link.crossOrigin = "use-credentials";
  document.head.append(link);
  watchEffect(() => (link.href = `/station/${encodeURIComponent(station)}/${language.value}.webmanifest`));
}
