/** The address at which a screen shows its board. Pure. */
export function boardAddress(origin: string, line: string | null, token: string, site: string | null): string {
  const address = new URL(line === null ? "/board" : `/board/${encodeURIComponent(line)}`, origin);
  address.searchParams.set("token", token);
  if (site) address.searchParams.set("site", site);
  return address.href;
}
