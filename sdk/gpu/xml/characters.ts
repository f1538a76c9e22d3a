import { GpuError } from "../errors.ts";

/** What the reader refuses: a malformed document, or one that no RIM needs to be. */
export function malformed(found: string, expected?: string): GpuError {
  return new GpuError(
    "RIM_XML_MALFORMED",
    expected === undefined ? { found } : { expected, found },
  );
}

/** Char of XML 1.0, section 2.2, that a text cannot have. */
const FORBIDDEN_CHARACTER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const PREDEFINED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

const REFERENCE = /&([^;&]{0,16})(;?)/g;

function codePoint(digits: string, radix: 10 | 16): string {
  const isNumber = radix === 16 ? /^[0-9a-fA-F]{1,6}$/ : /^[0-9]{1,7}$/;
  const value = isNumber.test(digits) ? Number.parseInt(digits, radix) : Number.NaN;
  const text = value <= 0x10ffff ? String.fromCodePoint(value) : "\u0000";
  if (FORBIDDEN_CHARACTER.test(text)) throw malformed("a reference to no character");
  return text;
}

function resolve(name: string, end: string): string {
  if (end === "") throw malformed("an ampersand that begins no reference");
  if (name.startsWith("#x")) return codePoint(name.slice(2), 16);
  if (name.startsWith("#")) return codePoint(name.slice(1), 10);
  const text = Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined;
  if (text === undefined) throw new GpuError("RIM_XML_FORBIDDEN", { found: "an entity" });
  return text;
}

/** Line ends as XML 1.0, section 2.11 has them; what is no character of XML is refused. */
export function normalizeDocument(text: string): string {
  if (FORBIDDEN_CHARACTER.test(text)) throw malformed("a character that XML does not have");
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

/** Resolves the five predefined entities and character references. No other entity exists. */
export function resolveText(text: string): string {
  if (text.includes("]]>")) throw malformed("the end of a CDATA section");
  if (!text.includes("&")) return text;
  return text.replaceAll(REFERENCE, (_, name: string, end: string) => resolve(name, end));
}

/** An attribute's value (XML 1.0, 3.3.3): white space is a space unless it is a reference. */
export function resolveAttribute(text: string): string {
  if (text.includes("<")) throw malformed("< in the value of an attribute");
  const spaced = text.replaceAll(/[\t\n]/g, " ");
  if (!spaced.includes("&")) return spaced;
  return spaced.replaceAll(REFERENCE, (_, name: string, end: string) => resolve(name, end));
}
