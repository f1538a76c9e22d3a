/** An endpoint's address as it may be shown: its path and query often hold a key. */
export function shownAddress(url: string): string {
  return new URL(url).host;
}
