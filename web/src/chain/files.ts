/** Files in and out: the same YAML and XLSX as the command line reads and writes. */
import { address, Refusal } from "../session/api";
import { session } from "../session/session";
import { checkFile, convertFile, type File as Content } from "./api";
import type { Chain } from "./document";
import type { Finding } from "./place";
import { toDocument } from "./wire";

/** In base64 it has to fit into the MiB that the server takes. */
const MAX_BYTES = 700 * 1024;

export type Read =
  | { readonly is: "read"; readonly chain: Chain }
  | { readonly is: "wrong"; readonly errors: readonly Finding[] }
  | { readonly is: "large" }
  | { readonly is: "away" };

/** What a file says, if it is sound. */
export async function readFile(file: File): Promise<Read> {
  if (file.size > MAX_BYTES) return { is: "large" };
  try {
    const content = await contentOf(file);
    const { errors } = await checkFile(content);
    return errors.length > 0 ? { is: "wrong", errors } : { is: "read", chain: await convertFile(content) };
  } catch (error) {
    if (!(error instanceof Refusal)) return { is: "away" };
    return { is: "wrong", errors: [{ where: "", detail: error.problem.detail, code: "", about: [] }] };
  }
}

async function contentOf(file: File): Promise<Content> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  // A workbook is a ZIP, whatever its name ends in.
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return { yaml: new TextDecoder().decode(bytes) };
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { xlsx: btoa(text) };
}

export type Form = "yaml" | "xlsx";

/** The draft as a file on this device. False when the server did not make one. */
export async function saveDraft(chain: Chain, form: Form): Promise<boolean> {
  try {
    const answer = await fetch(address(`/chain/convert?to=${form}`), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": session.value?.csrf ?? "" },
      body: JSON.stringify(toDocument(chain)),
      credentials: "same-origin",
    });
    if (!answer.ok) return false;
    download(await answer.blob(), `${chain.site.id}-draft.${form}`);
    return true;
  } catch (error) {
    console.warn("the draft could not be written as a file", error);
    return false;
  }
}

function download(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
