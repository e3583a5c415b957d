/** The service worker: a station's page that was opened once opens again with no network and no agent. Nothing under /api passes here. */
/** Put in by the build: every file of this build, and a name that changes with any of them. */
declare const BUILT_FILES: readonly string[];
declare const BUILT_AS: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const SHELL = "/index.html";
/** An agent that does not answer for so long is taken for dead; the page then finds out for itself. */
const PATIENCE_MS = 1000;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(BUILT_AS)
      .then((cache) => cache.addAll([SHELL, ...BUILT_FILES]))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== BUILT_AS).map((name) => caches.delete(name))))
      // Also the page that brought it here, which may stay open for weeks and is to hear of the next build.
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.mode === "navigate" && pathname.startsWith("/station/")) event.respondWith(page(event.request));
  else if (BUILT_FILES.includes(pathname)) event.respondWith(kept(pathname));
});

/** The agent's answer comes first: it knows its stations, and whether this tablet is paired. */
async function page(request: Request): Promise<Response> {
  try {
    const late = new Promise<never>((_, give) => setTimeout(() => give(new Error("no answer")), PATIENCE_MS));
    const answer = await Promise.race([fetch(request), late]);
    return answer.status < 500 ? answer : kept(SHELL);
  } catch {
    return kept(SHELL);
  }
}

async function kept(path: string): Promise<Response> {
  return (await caches.match(path)) ?? fetch(path);
}
