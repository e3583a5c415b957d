/** Serves a built page under the content policy that the real servers send. */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; img-src 'self' blob:";

export async function sendFile(folder, path, response) {
  try {
    const file = new URL(path.replace(/^\/+/, ""), folder);
    if (!file.href.startsWith(folder.href)) throw new Error("outside");
    const body = await readFile(file);
    response.writeHead(200, { "Content-Type": TYPES[extname(file.pathname)] ?? "application/octet-stream", "Content-Security-Policy": POLICY });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
