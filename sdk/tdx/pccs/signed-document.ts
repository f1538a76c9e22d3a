import { asObject, asString, JsonError, type JsonObject, parseStrictJson } from "../../json.ts";
import { malformed } from "./errors.ts";

/** A JSON document of Intel's, as it was sent: the text that was signed, and the signature. */
export interface SignedDocument {
  /** The exact characters, which only their own UTF-8 bytes verify. */
  readonly text: string;
  /** r || s, 64 bytes in hex, as sent. */
  readonly signature: string;
  /** What the text says. */
  readonly value: JsonObject;
}

// A byte order mark is not dropped: the text would then not be the bytes.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The offset after the string that begins at `start`. */
function skipString(json: string, start: number): number {
  let offset = start + 1;
  while (json.charAt(offset) !== '"') offset += json.charAt(offset) === "\\" ? 2 : 1;
  return offset + 1;
}

/** The offset after the object or array that begins at `start`. */
function skipNested(json: string, start: number): number {
  let depth = 0;
  let offset = start;
  do {
    const character = json.charAt(offset);
    if (character === '"') {
      offset = skipString(json, offset);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") depth--;
    offset++;
  } while (depth > 0);
  return offset;
}

/**
 * The exact text of an object that is a member of the top object. `json` is known to be valid and
 * to have that member once, with an object as its value.
 */
function sliceObject(json: string, member: string): string {
  let offset = json.indexOf("{") + 1;
  for (;;) {
    offset = json.indexOf('"', offset);
    const end = skipString(json, offset);
    const name: string = JSON.parse(json.slice(offset, end));
    offset = json.indexOf(":", end) + 1;
    while (/[ \t\n\r]/.test(json.charAt(offset))) offset++;
    if (name === member) return json.slice(offset, skipNested(json, offset));
    // The only other member is the signature, a string.
    offset = skipString(json, offset);
  }
}

/**
 * Takes a signed document out of a response's body: `{"<member>":{…},"signature":"<hex>"}`, the
 * two members in either order (Intel's PCS API v4, appendix A, "TCB info V3", and B, "Enclave
 * Identity V2"). The text is cut out, never serialised again, since the signature covers its every
 * character. Two parsers must not read it differently: repeated members anywhere, other members at
 * the top, deep nesting, anything after the end and text that is not UTF-8 are refused.
 *
 * Errors: `PCCS_RESPONSE_MALFORMED`.
 */
export function readSignedDocument(
  subject: string,
  member: "tcbInfo" | "enclaveIdentity",
  body: Uint8Array,
): SignedDocument {
  let json: string;
  try {
    json = UTF8.decode(body);
  } catch {
    throw malformed(subject, "UTF-8", "other bytes");
  }
  const form = `{"${member}":{…},"signature":"…"}`;
  let top: JsonObject;
  try {
    top = parseStrictJson(json);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    // The parser's own message would quote a repeated member.
    throw malformed(subject, form, "JSON that is malformed, too deep or ambiguous");
  }
  try {
    const value = asObject(top[member], `"${member}"`);
    const signature = asString(top.signature, '"signature"');
    if (!/^[0-9a-fA-F]{128}$/.test(signature)) {
      throw new JsonError('"signature" is not 64 bytes in hex');
    }
    if (Object.keys(top).length !== 2) throw new JsonError("the top has other members");
    return { text: sliceObject(json, member), signature, value };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(subject, form, error.message);
  }
}
