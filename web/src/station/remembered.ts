/** The agent's last document, for a page that is opened while nobody answers. */
import type { AgentDocument } from "./model";
import { storage } from "./storage";

/** Written at most so often: a hundred presses in five seconds change the document a hundred times. */
const PAUSE_MS = 1000;

/** What was last heard, said as what it is: nobody is heard now, and no clock is known. */
export const asRemembered = (document: AgentDocument): AgentDocument => ({
  ...document,
  server: { heard: false, since: document.server.since, at: null },
});

export async function recall(station: string): Promise<AgentDocument | null> {
  const kept = await (await storage())?.get("documents", station);
  return kept ? asRemembered(kept) : null;
}

/** Takes each document, and writes the newest one a little later. */
export function keeper(): (document: AgentDocument) => void {
  let newest: AgentDocument | null = null;
  return (document) => {
    if (newest === null) setTimeout(write, PAUSE_MS);
    newest = document;
  };
  async function write(): Promise<void> {
    const document = newest;
    newest = null;
    if (document) await (await storage())?.put("documents", document);
  }
}
