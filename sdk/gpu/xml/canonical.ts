import { toUtf8 } from "../../bytes.ts";
import { qualifiedName, type Scope, type XmlAttribute, type XmlElement } from "./node.ts";

const NO_SCOPE: Scope = new Map([["", ""]]);

const TEXT_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\r": "&#xD;",
};

const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  '"': "&quot;",
  "\t": "&#x9;",
  "\n": "&#xA;",
  "\r": "&#xD;",
};

function escapeText(text: string): string {
  return text.replaceAll(/[&<>\r]/g, (character) => TEXT_ESCAPES[character] ?? character);
}

function escapeAttribute(value: string): string {
  return value.replaceAll(/[&<"\t\n\r]/g, (character) => ATTRIBUTE_ESCAPES[character] ?? character);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Namespaces that differ from those of the element around it, in order of their prefixes. */
function namespacesOf(scope: Scope, outer: Scope): string {
  if (scope === outer) return "";
  return [...scope]
    .filter(([prefix, uri]) => (outer.get(prefix) ?? "") !== uri)
    .sort(([a], [b]) => compare(a, b))
    .map(([prefix, uri]) => {
      const name = prefix === "" ? "xmlns" : `xmlns:${prefix}`;
      return ` ${name}="${escapeAttribute(uri)}"`;
    })
    .join("");
}

/** In order of their namespaces, then of their names. */
function attributesOf(attributes: readonly XmlAttribute[]): string {
  return [...attributes]
    .sort((a, b) => compare(a.uri, b.uri) || compare(a.local, b.local))
    .map((attribute) => ` ${qualifiedName(attribute)}="${escapeAttribute(attribute.value)}"`)
    .join("");
}

/** `xml:lang` and `xml:space` that hold for an element from around it. */
function inherited(element: XmlElement): XmlAttribute[] {
  const found = new Map<string, XmlAttribute>();
  for (let outer: XmlElement | undefined = element; outer !== undefined; outer = outer.parent) {
    for (const attribute of outer.attributes) {
      if (attribute.prefix !== "xml" || found.has(attribute.local)) continue;
      found.set(attribute.local, attribute);
    }
  }
  return [...found.values()].filter((attribute) => !element.attributes.includes(attribute));
}

/**
 * Canonical XML 1.1 without comments of an element and all in it but `omitted` and what is in that.
 * The element takes with it the namespaces, and `xml:lang` and `xml:space`, that are in scope.
 */
export function canonicalize(apex: XmlElement, omitted?: XmlElement): Uint8Array {
  const parts: string[] = [];
  const write = (element: XmlElement, outer: Scope): void => {
    const name = qualifiedName(element);
    const attributes =
      element === apex ? [...element.attributes, ...inherited(element)] : element.attributes;
    parts.push(`<${name}${namespacesOf(element.scope, outer)}${attributesOf(attributes)}>`);
    for (const child of element.children) {
      if (typeof child === "string") parts.push(escapeText(child));
      // Depth is bounded by the reader.
      else if (child !== omitted) write(child, element.scope);
    }
    parts.push(`</${name}>`);
  };
  write(apex, NO_SCOPE);
  return toUtf8(parts.join(""));
}
