/** Asking the server over HTTP: JSON both ways, problems as errors, the CSRF token with every change. */
import { onTheWay, session } from "./session";

export interface Problem {
  /** Which problem it is, where its status says too little; a proxy's has none. */
  readonly type?: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
  /** With a conflict: how it stands now. */
  readonly present?: Readonly<Record<string, unknown>>;
}

export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

interface Options {
  readonly body?: unknown;
  /** Sent as it is, instead of a body. */
  readonly file?: Blob;
  /** The complaint's version that the person saw. */
  readonly version?: number;
  readonly idempotencyKey?: string;
}

const site = () => new URLSearchParams(location.search).get("site");

export function address(path: string): string {
  const wanted = site();
  return `/api/v1${path}${wanted ? `${path.includes("?") ? "&" : "?"}site=${encodeURIComponent(wanted)}` : ""}`;
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    // A proxy in between answered with something else; its status is all that is known.
    return { title: answer.statusText, status: answer.status, detail: answer.statusText || String(answer.status) };
  }
}

/** The answer of the server. Throws Refusal for a problem, TypeError when the server is away. */
export async function ask<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const answer = await send(method, path, options);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** The answer with the version that it is of, to be named when it is changed. */
export async function askVersioned<T>(path: string): Promise<{ readonly said: T; readonly version: number }> {
  const answer = await send("GET", path, {});
  return { said: (await answer.json()) as T, version: Number((answer.headers.get("ETag") ?? "").replace(/\D/g, "")) };
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.file) headers["Content-Type"] = "application/octet-stream";
  if (options.version !== undefined) headers["If-Match"] = `"${options.version}"`;
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  const one = session.value ?? onTheWay.value;
  if (one) headers["X-CSRF-Token"] = one.csrf;
  const body = options.body === undefined ? (options.file ?? null) : JSON.stringify(options.body);
  const answer = await fetch(address(path), { method, headers, body, credentials: "same-origin" });
  if (!answer.ok) throw new Refusal(await problemOf(answer));
  return answer;
}
