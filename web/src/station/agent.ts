/** The page's ear at the station agent: one stream, reopened by ourselves because EventSource gives up after an HTTP error. */
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from "vue";
import type { AgentDocument } from "./model";
import { keeper, recall } from "./remembered";

/** The agent speaks each 5 s; longer silence means that the stream is dead although nobody closed it. */
const SILENT_MS = 9000;
const RETRY_MS = 1000;
const RETRY_MAX_MS = 5000;
/** So long the agent or the server may be silent before the page says NOT HEARD. */
export const NOT_HEARD_MS = 5_000;

export interface Agent {
  readonly document: Readonly<ShallowRef<AgentDocument | null>>;
  /** When the agent was lost, in milliseconds; null while it is heard. */
  readonly lostAt: Readonly<Ref<number | null>>;
  /** Whether the document is what this tablet remembers, and not yet what the agent says. */
  readonly remembered: Readonly<Ref<boolean>>;
  /** Whether the agent is there but does not know this tablet. */
  readonly unpaired: Readonly<Ref<boolean>>;
}

export function listen(station: string, heard: () => void): Agent {
  const address = `/api/stations/${encodeURIComponent(station)}`;
  const document = shallowRef<AgentDocument | null>(null);
  const lostAt = ref<number | null>(Date.now());
  const remembered = ref(true);
  const unpaired = ref(false);
  const keep = keeper();
  let source: EventSource | null = null;
  let retry = RETRY_MS;
  let timer = 0;

  const lose = () => {
    // A page that is opened while nobody answers has no right to five calm seconds.
    if (remembered.value) lostAt.value = Math.min(lostAt.value ?? Infinity, Date.now() - NOT_HEARD_MS);
    if (source?.readyState === EventSource.CLOSED) void askWhy();
    source?.close();
    lostAt.value ??= Date.now();
    clearTimeout(timer);
    timer = window.setTimeout(open, retry * (0.75 + Math.random() / 2));
    retry = Math.min(RETRY_MAX_MS, retry * 2);
  };
  const askWhy = async () => {
    const answer = await fetch(address).catch(() => null);
    unpaired.value = answer?.status === 401;
  };
  const watch = () => {
    clearTimeout(timer);
    timer = window.setTimeout(lose, SILENT_MS);
  };
  const open = () => {
    source = new EventSource(`${address}/events`);
    source.onmessage = (message: MessageEvent<string>) => {
      document.value = JSON.parse(message.data) as AgentDocument;
      keep(document.value);
      const wasLost = lostAt.value !== null;
      lostAt.value = null;
      remembered.value = unpaired.value = false;
      retry = RETRY_MS;
      watch();
      if (wasLost) heard();
    };
    source.onerror = lose;
    watch();
  };

  open();
  void recall(station).then((kept) => (document.value ??= kept));
  onScopeDispose(() => {
    clearTimeout(timer);
    source?.close();
  });
  return { document, lostAt, remembered, unpaired };
}
