/** Opens the socket of the board: WebSocket only, so that any number of web workers need no sticky sessions. */
import { io } from "socket.io-client";
import { onScopeDispose } from "vue";
import { follow, type Feed, type Wire } from "./board-socket";
import { everySecond } from "./ticker";

export interface Wanted {
  /** A board token from the address; without one the session's cookie says who looks. */
  readonly token: string | null;
  readonly site: string | null;
  readonly line: string | null;
}

/** The feed of the board that is wanted, for as long as the component lives. */
export function openBoard({ token, site, line }: Wanted): Feed {
  const socket = io("/board", {
    transports: ["websocket"],
    auth: token ? { token } : {},
    query: { ...(site ? { site } : {}), ...(line ? { line } : {}) },
    reconnectionDelay: 500,
    reconnectionDelayMax: 3000,
    forceNew: true,
  });
  const feed = follow(socket as unknown as Wire);
  everySecond(() => feed.check());
  onScopeDispose(() => feed.close());
  return feed;
}
