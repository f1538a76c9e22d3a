/** Dotted numbers, as many as there are: drivers in decimal, VBIOSes in hex. */
const FORMS = {
  10: /^\d{1,9}(\.\d{1,9}){0,7}$/,
  16: /^[0-9a-fA-F]{1,7}(\.[0-9a-fA-F]{1,7}){0,7}$/,
} as const;

export type VersionBase = keyof typeof FORMS;

export function isVersion(text: string, base: VersionBase): boolean {
  return FORMS[base].test(text);
}

/**
 * Whether a version is `minimum` or a later one, number by number; what ends sooner has zeros. What
 * is no version is never late enough.
 */
export function isAtLeast(version: string, minimum: string, base: VersionBase): boolean {
  if (!isVersion(version, base) || !isVersion(minimum, base)) return false;
  const numbers = (text: string) => text.split(".").map((part) => Number.parseInt(part, base));
  const [found, least] = [numbers(version), numbers(minimum)];
  for (let i = 0; i < Math.max(found.length, least.length); i++) {
    const difference = (found[i] ?? 0) - (least[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
