/** The address at which a screen shows its board. The token stands behind the #, which no server and no log sees. Pure. */
export function boardAddress(origin: string, line: string | null, token: string, site: string | null): string {
  const address = new URL(line === null ? "/board" : `/board/${encodeURIComponent(line)}`, origin);
  if (site) address.searchParams.set("site", site);
  address.hash = new URLSearchParams({ token }).toString();
  return address.href;
}
