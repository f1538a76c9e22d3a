/**
 * The text that bytes hold (a name, an advisory, a member of JSON), with or without zeros behind
 * it; `undefined` for bytes that are not printable ASCII.
 */
export function textInHex(hex: string): string | undefined {
  const pairs = hex.slice(2).match(/../g) ?? [];
  while (pairs.at(-1) === "00") pairs.pop();
  const codes = pairs.map((pair) => Number.parseInt(pair, 16));
  const isText = codes.length > 0 && codes.every((code) => code >= 0x20 && code < 0x7f);
  return isText ? String.fromCharCode(...codes) : undefined;
}
