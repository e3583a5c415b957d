/** What presses and photos share on their way to the agent. */
export const RETRY_MS = 2000;
/** A radio that swallows everything must not hold a press for minutes: it is given up and sent again. */
export const PATIENCE_MS = 10_000;
export const PHOTO_PATIENCE_MS = 60_000;
/** What a retry cannot mend. Not 401 and 403: a tablet that lost its pairing keeps what it has until it is paired again. */
export const FOR_GOOD: ReadonlySet<number> = new Set([400, 409, 413, 415, 422]);
