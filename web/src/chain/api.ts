/** The chain over HTTP. */
import { ask, Refusal, type Problem } from "../session/api";
import { fromDocument, toDocument, type ChainDocument } from "./wire";
import type { Chain } from "./document";
import type { Finding } from "./place";

export interface Published {
  readonly version: number;
  readonly chain: Chain;
}
export interface Version {
  readonly version: number;
  readonly at: string;
  readonly author: string | null;
}
export interface Findings {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}
/** A file's text, or its bytes in base64. */
export type File = { readonly yaml: string } | { readonly xlsx: string };

/** The newest version and its chain; null when the site has none, or there is no site yet. */
export async function newest(): Promise<Published | null> {
  try {
    const [latest] = await versions();
    return latest ? { version: latest.version, chain: await atVersion(latest.version) } : null;
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 404) return null;
    throw error;
  }
}

export const versions = (): Promise<readonly Version[]> => ask("GET", "/chain/versions");

export const atVersion = async (version: number): Promise<Chain> =>
  fromDocument(await ask<ChainDocument>("GET", `/chain?version=${version}`));

export const check = (chain: Chain): Promise<Findings> => ask("POST", "/chain/check", { body: toDocument(chain) });

export const checkFile = (file: File): Promise<Findings> => ask("POST", "/chain/check", { body: file });

/** What a sound file says. */
export const convertFile = async (file: File): Promise<Chain> =>
  fromDocument(await ask<ChainDocument>("POST", "/chain/convert", { body: file }));

export type Outcome =
  | { readonly is: "done"; readonly version: number }
  | { readonly is: "faster" }
  | { readonly is: "refused"; readonly problem: Problem }
  | { readonly is: "away" };

/** `version` is the one that the draft began with; 0 for a site that has none yet. */
export async function publish(chain: Chain, version: number): Promise<Outcome> {
  try {
    const saved = await ask<{ version: number }>("PUT", "/chain", { body: toDocument(chain), version });
    return { is: "done", version: saved.version };
  } catch (error) {
    if (!(error instanceof Refusal)) return { is: "away" };
    return error.problem.status === 409 ? { is: "faster" } : { is: "refused", problem: error.problem };
  }
}
