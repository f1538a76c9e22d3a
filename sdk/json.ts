/** A JSON object as `parseStrictJson` returns it: no prototype, so no inherited members. */
export type JsonObject = { readonly [member: string]: unknown };

/** Thrown by the readers below; the caller knows what it was reading and wraps it. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

const MAX_DEPTH = 32;

/** Finds what JSON.parse lets pass: repeated members and deep nesting. The text is valid JSON. */
function checkMembers(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let offset = 0;
  while (offset < text.length) {
    const character = text.charAt(offset);
    if (character === '"') {
      const start = offset++;
      while (text.charAt(offset) !== '"') offset += text.charAt(offset) === "\\" ? 2 : 1;
      offset++;
      let next = offset;
      while (/\s/.test(text.charAt(next))) next++;
      const members = open[open.length - 1];
      if (text.charAt(next) !== ":" || members === undefined) continue;
      const name: string = JSON.parse(text.slice(start, offset));
      if (members.has(name)) throw new JsonError(`member "${name.slice(0, 40)}" occurs twice`);
      members.add(name);
      continue;
    }
    if (character === "{") open.push(new Set());
    if (character === "[") open.push(undefined);
    if (character === "}" || character === "]") open.pop();
    if (open.length > MAX_DEPTH) throw new JsonError("it is nested too deeply");
    offset++;
  }
}

/** Parses JSON text whose top is an object, as `parseStrictJsonValue` does. */
export function parseStrictJson(text: string): JsonObject {
  return asObject(parseStrictJsonValue(text), "the top");
}

/**
 * Parses JSON text, refusing repeated members and deep nesting, on which
 * two parsers could disagree about what was signed.
 */
export function parseStrictJsonValue(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text, (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.assign(Object.create(null), inner)
        : inner,
    );
  } catch {
    throw new JsonError("it is not JSON");
  }
  checkMembers(text);
  return value;
}

export function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new JsonError(`${name} is not an object`);
  }
  return value as JsonObject;
}

export function asArray(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new JsonError(`${name} is not an array`);
  return value;
}

export function asString(value: unknown, name: string): string {
  if (typeof value !== "string") throw new JsonError(`${name} is not a string`);
  return value;
}

/** A whole number from 0 to `max`. */
export function asUnsigned(value: unknown, name: string, max = 0xffff_ffff): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
    throw new JsonError(`${name} is not a whole number from 0 to ${max}`);
  }
  return value;
}

/** Hex digits of exactly `length` bytes, in either case. */
export function asHexBytes(value: unknown, name: string, length: number): Uint8Array {
  const text = asString(value, name);
  if (text.length !== 2 * length || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new JsonError(`${name} is not ${length} bytes in hex`);
  }
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** A time of the form 2025-05-14T00:00:00Z, in Unix seconds. */
export function asTime(value: unknown, name: string): number {
  const text = asString(value, name);
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (
    !Number.isFinite(milliseconds) ||
    !new Date(milliseconds).toISOString().startsWith(text.slice(0, 19))
  ) {
    throw new JsonError(`${name} is not a time such as 2025-05-14T00:00:00Z`);
  }
  return milliseconds / 1000;
}

export function asStrings(value: unknown, name: string): readonly string[] {
  return Object.freeze(asArray(value, name).map((item) => asString(item, name)));
}
