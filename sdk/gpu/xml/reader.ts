import { GpuError } from "../errors.ts";
import { malformed, normalizeDocument, resolveAttribute, resolveText } from "./characters.ts";
import type { Scope, XmlAttribute, XmlElement } from "./node.ts";

/** Limits, each several times what NVIDIA's RIMs have. */
const MAX_DEPTH = 16;
const MAX_ELEMENTS = 4_096;
const MAX_ATTRIBUTES = 64;
const MAX_NAME_LENGTH = 256;

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE = "http://www.w3.org/2000/xmlns/";

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const QUOTED = (value: string) => `(?:"${value}"|'${value}')`;
const DECLARATION = new RegExp(
  `^<\\?xml[ \n\t]+version=${QUOTED("1\\.[01]")}([ \n\t]+encoding=${QUOTED("(?:UTF|utf)-8")})?([ \n\t]+standalone=${QUOTED("(?:yes|no)")})?[ \n\t]*\\?>`,
);
/** Names in ASCII only: two names that look alike are then alike. */
const NAME = /^([A-Za-z_][A-Za-z0-9._-]*)(?::([A-Za-z_][A-Za-z0-9._-]*))?$/;
const ATTRIBUTE = /([^\s=<>"'/]+)[ \n\t]*=[ \n\t]*(?:"([^"]*)"|'([^']*)')/y;
const BLANKS = /[ \n\t]*/y;

/** An element whose end has not been read yet. */
interface Building extends XmlElement {
  readonly children: (XmlElement | string)[];
}

interface RawAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly value: string;
}

function forbidden(found: string): GpuError {
  return new GpuError("RIM_XML_FORBIDDEN", { found });
}

function tooComplex(expected: string): GpuError {
  return new GpuError("RIM_XML_TOO_COMPLEX", { expected, found: "more" });
}

function splitName(name: string): { prefix: string; local: string } {
  const [, first, second] = (name.length <= MAX_NAME_LENGTH && NAME.exec(name)) || [];
  if (first === undefined) throw malformed(name.slice(0, 40), "a name");
  return second === undefined ? { prefix: "", local: first } : { prefix: first, local: second };
}

/** The attributes of a start tag, from after its name to its end. */
function readAttributes(text: string): RawAttribute[] {
  const attributes: RawAttribute[] = [];
  let offset = 0;
  for (;;) {
    BLANKS.lastIndex = offset;
    const blanks = BLANKS.exec(text)?.[0].length ?? 0;
    offset += blanks;
    if (offset === text.length) return attributes;
    ATTRIBUTE.lastIndex = offset;
    const match = blanks > 0 ? ATTRIBUTE.exec(text) : null;
    if (match === null) throw malformed("something else", "an attribute after a space");
    if (attributes.length === MAX_ATTRIBUTES) throw tooComplex(`${MAX_ATTRIBUTES} attributes`);
    const [whole, name = "", double, single] = match;
    attributes.push({ ...splitName(name), value: resolveAttribute(double ?? single ?? "") });
    offset += whole.length;
  }
}

/** Namespaces in XML 1.0, sections 2 and 3. */
function declare(scope: Scope, attributes: readonly RawAttribute[]): Scope {
  const declared = new Map<string, string>();
  for (const { prefix, local, value } of attributes) {
    const isDefault = prefix === "" && local === "xmlns";
    if (!isDefault && prefix !== "xmlns") continue;
    const name = isDefault ? "" : local;
    const isReserved = value === XML_NAMESPACE || value === XMLNS_NAMESPACE;
    if (isReserved || name === "xml" || name === "xmlns" || (value === "" && !isDefault)) {
      throw malformed(`a declaration of the prefix "${name}"`);
    }
    if (declared.has(name)) throw malformed(`two declarations of the prefix "${name}"`);
    declared.set(name, value);
  }
  return declared.size === 0 ? scope : new Map([...scope, ...declared]);
}

function namespaceOf(scope: Scope, prefix: string): string {
  if (prefix === "xml") return XML_NAMESPACE;
  const uri = scope.get(prefix);
  if (uri === undefined) throw malformed(`the undeclared prefix "${prefix}"`);
  return uri;
}

function resolveAttributes(scope: Scope, attributes: readonly RawAttribute[]): XmlAttribute[] {
  const seen = new Set<string>();
  const resolved: XmlAttribute[] = [];
  for (const { prefix, local, value } of attributes) {
    if (prefix === "xmlns" || (prefix === "" && local === "xmlns")) continue;
    const uri = prefix === "" ? "" : namespaceOf(scope, prefix);
    // Only these two are inherited by parts of a document in one plain way (Canonical XML 1.1, 2.4).
    if (prefix === "xml" && local !== "lang" && local !== "space") throw forbidden(`xml:${local}`);
    const name = `${uri} ${local}`;
    if (seen.has(name)) throw malformed(`two attributes ${local}`);
    seen.add(name);
    resolved.push({ prefix, local, uri, value });
  }
  return resolved;
}

/** Where a start tag ends: the first > outside of quotes. */
function endOfTag(text: string, from: number): number {
  let quote = "";
  for (let offset = from; offset < text.length; offset++) {
    const character = text.charAt(offset);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === ">") {
      return offset;
    }
  }
  throw malformed("the end of the document", "the end of a tag");
}

class Builder {
  #root: XmlElement | undefined;
  #count = 0;
  /** The elements that are open, each with its name as written. */
  readonly #open: { readonly name: string; readonly element: Building }[] = [];

  get #current(): Building | undefined {
    return this.#open[this.#open.length - 1]?.element;
  }

  text(raw: string): void {
    if (raw === "") return;
    const text = resolveText(raw);
    const current = this.#current;
    if (current === undefined) {
      if (/[^ \n\t]/.test(raw)) throw malformed("text outside of the root element");
      return;
    }
    const last = current.children[current.children.length - 1];
    if (typeof last === "string") current.children[current.children.length - 1] = last + text;
    else current.children.push(text);
  }

  start(tag: string, isEmpty: boolean): void {
    const nameEnd = tag.search(/[ \n\t]/);
    const name = nameEnd === -1 ? tag : tag.slice(0, nameEnd);
    const { prefix, local } = splitName(name);
    const parent = this.#current;
    if (parent === undefined && this.#root !== undefined) throw malformed("a second root element");
    if (++this.#count > MAX_ELEMENTS) throw tooComplex(`${MAX_ELEMENTS} elements`);
    if (this.#open.length === MAX_DEPTH) throw tooComplex(`${MAX_DEPTH} levels`);
    const raw = nameEnd === -1 ? [] : readAttributes(tag.slice(nameEnd));
    const scope = declare(parent?.scope ?? new Map([["", ""]]), raw);
    if (prefix === "xmlns" || prefix === "xml") throw malformed(`an element ${name}`);
    const element: Building = {
      prefix,
      local,
      uri: namespaceOf(scope, prefix),
      attributes: resolveAttributes(scope, raw),
      scope,
      parent,
      children: [],
    };
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
    if (!isEmpty) this.#open.push({ name, element });
  }

  end(name: string): void {
    const expected = this.#open.pop()?.name;
    if (expected !== name) {
      throw malformed(`the end of ${name.slice(0, 40)}`, `the end of ${expected ?? "nothing"}`);
    }
  }

  finish(): XmlElement {
    if (this.#root === undefined || this.#open.length > 0) {
      throw malformed("the end of the document", "the end of its root element");
    }
    return this.#root;
  }
}

/** Takes what begins at a `<`; returns where it ends. */
function readMarkup(text: string, start: number, builder: Builder): number {
  if (text.startsWith("<!--", start)) {
    const end = text.indexOf("--", start + 4);
    if (end === -1 || text.charAt(end + 2) !== ">") throw malformed("a comment without an end");
    return end + 3;
  }
  if (text.startsWith("<![CDATA[", start)) throw forbidden("a CDATA section");
  if (text.startsWith("<!", start)) throw forbidden("a document type");
  if (text.startsWith("<?", start)) throw forbidden("a processing instruction");
  const end = endOfTag(text, start + 1);
  if (text.charAt(start + 1) === "/") {
    builder.end(text.slice(start + 2, end).replace(/[ \n\t]+$/, ""));
  } else {
    const isEmpty = text.charAt(end - 1) === "/";
    builder.start(text.slice(start + 1, isEmpty ? end - 1 : end), isEmpty);
  }
  return end + 1;
}

/**
 * Reads XML 1.0 in UTF-8 with namespaces, of the little that a RIM needs: elements, attributes,
 * text, comments (which are dropped). A document type, and with it every entity of one's own, a CDATA
 * section, a processing instruction and `xml:` attributes but `lang` and `space` are refused. It
 * holds a flat cursor and never recurses.
 *
 * Errors: `RIM_XML_MALFORMED`, `RIM_XML_FORBIDDEN`, `RIM_XML_TOO_COMPLEX`.
 */
export function readXml(bytes: Uint8Array): XmlElement {
  let decoded: string;
  try {
    decoded = UTF8.decode(bytes);
  } catch {
    throw malformed("bytes that are not UTF-8");
  }
  const text = normalizeDocument(decoded);
  const builder = new Builder();
  let offset = DECLARATION.exec(text)?.[0].length ?? 0;
  while (offset < text.length) {
    const next = text.indexOf("<", offset);
    const end = next === -1 ? text.length : next;
    builder.text(text.slice(offset, end));
    offset = next === -1 ? end : readMarkup(text, next, builder);
  }
  return builder.finish();
}
