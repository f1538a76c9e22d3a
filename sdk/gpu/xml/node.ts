/** Namespaces in scope, by prefix; the default namespace has the empty prefix. */
export type Scope = ReadonlyMap<string, string>;

export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  /** Namespace; empty for an attribute without a prefix. */
  readonly uri: string;
  readonly value: string;
}

export interface XmlElement {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  /** Everything in scope here, what this element declares included. */
  readonly scope: Scope;
  readonly parent: XmlElement | undefined;
  /** Text between comments is one; no two texts stand side by side. */
  readonly children: readonly (XmlElement | string)[];
}

export function qualifiedName({
  prefix,
  local,
}: {
  readonly prefix: string;
  readonly local: string;
}): string {
  return prefix === "" ? local : `${prefix}:${local}`;
}

export function childElements(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== "string");
}

/** The value of an attribute; `undefined` when there is none. */
export function attributeOf(element: XmlElement, local: string, uri = ""): string | undefined {
  return element.attributes.find((one) => one.local === local && one.uri === uri)?.value;
}

/** The text of an element that has no child elements; `undefined` when it has some. */
export function textOf({ children }: XmlElement): string | undefined {
  const [only, ...others] = children;
  if (only === undefined) return "";
  return typeof only === "string" && others.length === 0 ? only : undefined;
}
