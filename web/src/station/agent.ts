/** The page's ear at the station agent: one stream, reopened by ourselves because EventSource gives up after an HTTP error. */
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from "vue";
import type { AgentDocument } from "./model";

/** The agent speaks each 5 s; longer silence means that the stream is dead although nobody closed it. */
const SILENT_MS = 9000;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 5000;

export interface Agent {
  readonly document: Readonly<ShallowRef<AgentDocument | null>>;
  /** When the agent was lost, in milliseconds; null while it is heard. */
  readonly lostAt: Readonly<Ref<number | null>>;
}

export function listen(station: string, heard: () => void): Agent {
  const document = shallowRef<AgentDocument | null>(null);
  const lostAt = ref<number | null>(Date.now());
  let source: EventSource | null = null;
  let retry = RETRY_MS;
  let timer = 0;

  const lose = () => {
    source?.close();
    lostAt.value ??= Date.now();
    clearTimeout(timer);
    timer = window.setTimeout(open, retry * (0.75 + Math.random() / 2));
    retry = Math.min(RETRY_MAX_MS, retry * 2);
  };
  const watch = () => {
    clearTimeout(timer);
    timer = window.setTimeout(lose, SILENT_MS);
  };
  const open = () => {
    source = new EventSource(`/api/stations/${encodeURIComponent(station)}/events`);
    source.onmessage = (message: MessageEvent<string>) => {
      document.value = JSON.parse(message.data) as AgentDocument;
      const wasLost = lostAt.value !== null;
      lostAt.value = null;
      retry = RETRY_MS;
      watch();
      if (wasLost) heard();
    };
    source.onerror = lose;
    watch();
  };

  open();
  onScopeDispose(() => {
    clearTimeout(timer);
    source?.close();
  });
  return { document, lostAt };
}
