import assert from "node:assert/strict";
import { canonicalize } from "../../../sdk/gpu/xml/canonical.ts";
import { childElements } from "../../../sdk/gpu/xml/node.ts";
import { readXml } from "../../../sdk/gpu/xml/reader.ts";
import { refusedWith } from "./support/refusal.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const canonical = (xml: string) => text(canonicalize(readXml(bytes(xml))));

describe("Canonical XML 1.1 without comments", () => {
  const cases: readonly [rule: string, xml: string, canonical: string][] = [
    ["the declaration goes", '<?xml version="1.0" encoding="UTF-8"?>\n<a/>', "<a></a>"],
    [
      "in single quotes too",
      "<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>",
      "<a></a>",
    ],
    ["a byte order mark goes", "\ufeff<a/>", "<a></a>"],
    [
      "comments go, and text around them joins",
      "<!-- x --><a>b<!-- & < -->c</a><!-- -->",
      "<a>bc</a>",
    ],
    ["white space in tags goes", "<a  b = \"1\"\n\tc='2' ></a >", '<a b="1" c="2"></a>'],
    ["white space in content stays", "<a> \n\t<b/> </a>", "<a> \n\t<b></b> </a>"],
    ["line ends are one", "<a>\r\n\r</a>", "<a>\n\n</a>"],
    ["quotes are double", "<a b='\"'/>", '<a b="&quot;"></a>'],
    [
      "white space in attributes is a space, unless it is a reference",
      '<a b="1\n2\t3&#9;&#xA;&#13;4"/>',
      '<a b="1 2 3&#x9;&#xA;&#xD;4"></a>',
    ],
    [
      "text has three escapes and the carriage return",
      "<a>&lt;&gt;&amp;&quot;&apos;&#13;></a>",
      "<a>&lt;&gt;&amp;\"'&#xD;&gt;</a>",
    ],
    ["character references are characters", "<a>&#x20AC;&#8364;</a>", "<a>€€</a>"],
    [
      "attributes by namespace, then by name",
      '<a xmlns:z="u:a" xmlns:y="u:b" y:a="1" z:b="2" c="3" z:a="4" b="5"/>',
      '<a xmlns:y="u:b" xmlns:z="u:a" b="5" c="3" z:a="4" z:b="2" y:a="1"></a>',
    ],
    [
      "a declaration that says nothing new goes",
      '<a xmlns="u:a" xmlns:p="u:p"><b xmlns="u:a" xmlns:p="u:p"/><c xmlns="u:c"/></a>',
      '<a xmlns="u:a" xmlns:p="u:p"><b></b><c xmlns="u:c"></c></a>',
    ],
    [
      "an undeclaration stays where it undoes something",
      '<a xmlns=""><b xmlns="u:b"><c xmlns=""/></b></a>',
      '<a><b xmlns="u:b"><c xmlns=""></c></b></a>',
    ],
    ["declarations that nobody uses stay", '<a xmlns:p="u:p"/>', '<a xmlns:p="u:p"></a>'],
    ["xml:lang is an attribute", '<a xml:lang="en" b="1"/>', '<a b="1" xml:lang="en"></a>'],
  ];
  for (const [rule, xml, expected] of cases) {
    it(rule, () => {
      assert.equal(canonical(xml), expected);
      // What is canonical stays as it is.
      assert.equal(canonical(expected), expected);
    });
  }

  it("of a part has the namespaces and xml: attributes around it", () => {
    const root = readXml(
      bytes(
        '<a xmlns="u:a" xmlns:p="u:p" xml:lang="en" xml:space="preserve"><b xml:lang="de"><p:c d="1"/></b></a>',
      ),
    );
    const [b] = childElements(root);
    assert.ok(b !== undefined);
    const [c] = childElements(b);
    assert.ok(c !== undefined);
    assert.equal(
      text(canonicalize(c)),
      '<p:c xmlns="u:a" xmlns:p="u:p" d="1" xml:lang="de" xml:space="preserve"></p:c>',
    );
    assert.equal(
      text(canonicalize(b)),
      '<b xmlns="u:a" xmlns:p="u:p" xml:lang="de" xml:space="preserve"><p:c d="1"></p:c></b>',
    );
  });

  it("leaves out one element and all in it", () => {
    const root = readXml(bytes("<a>1<b><c/></b>2<d/></a>"));
    assert.equal(text(canonicalize(root, childElements(root)[0])), "<a>12<d></d></a>");
  });
});

describe("the XML reader", () => {
  const forbidden: readonly (readonly [what: string, xml: string])[] = [
    ["a document type", "<!DOCTYPE a><a/>"],
    ["a document type with entities", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["an external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ["a billion laughs", `<!DOCTYPE a [<!ENTITY x "${"&y;".repeat(10)}">]><a>&x;</a>`],
    ["an entity without a document type", "<a>&nbsp;</a>"],
    ["an entity in an attribute", '<a b="&x;"/>'],
    ["a CDATA section", "<a><![CDATA[x]]></a>"],
    ["a processing instruction", '<a><?x y="z"?></a>'],
    ["a style sheet", '<?xml-stylesheet href="x"?><a/>'],
    ["a second declaration", '<a><?xml version="1.0"?></a>'],
    ["xml:base", '<a xml:base="x"/>'],
    ["xml:id", '<a xml:id="x"/>'],
  ];
  for (const [what, xml] of forbidden) {
    it(`refuses ${what}`, () => void refusedWith("RIM_XML_FORBIDDEN", () => readXml(bytes(xml))));
  }

  const malformed: readonly (readonly [what: string, xml: string | Uint8Array])[] = [
    ["nothing", ""],
    ["text alone", "a"],
    ["text before the root", "x<a/>"],
    ["text after the root", "<a/>x"],
    ["a second root", "<a/><b/>"],
    ["a root without an end", "<a>"],
    ["an end without a beginning", "</a>"],
    ["ends in the wrong order", "<a><b></a></b>"],
    ["a tag without an end", '<a b="'],
    ["an attribute without a value", "<a b/>"],
    ["an attribute without quotes", "<a b=c/>"],
    ["attributes without a space", '<a b="1"c="2"/>'],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["an attribute twice by another prefix", '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>'],
    ["< in an attribute", '<a b="<"/>'],
    ["an ampersand alone", "<a>&</a>"],
    ["a reference to no character", "<a>&#0;</a>"],
    ["a reference to a surrogate", "<a>&#xD800;</a>"],
    ["a reference beyond Unicode", "<a>&#x110000;</a>"],
    ["a control character", "<a>\u0001</a>"],
    ["the end of a CDATA section", "<a>]]></a>"],
    ["a comment without an end", "<a><!-- </a>"],
    ["two hyphens in a comment", "<a><!-- -- --></a>"],
    ["an undeclared prefix", "<p:a/>"],
    ["an undeclared prefix of an attribute", '<a p:b="1"/>'],
    ["a prefix bound to nothing", '<a xmlns:p=""/>'],
    ["the prefix xml bound anew", '<a xmlns:xml="u"/>'],
    ["the prefix xmlns bound anew", '<a xmlns:xmlns="u"/>'],
    ["a prefix bound twice", '<a xmlns:p="u" xmlns:p="v"/>'],
    ["an element named xmlns:a", "<xmlns:a/>"],
    ["a name with two colons", "<a:b:c/>"],
    ["a name that is not ASCII", "<ä/>"],
    ["a space before the name", "< a/>"],
    ["bytes that are not UTF-8", Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e)],
    ["UTF-16", new Uint8Array(Buffer.from("<a/>", "utf16le"))],
  ];
  for (const [what, xml] of malformed) {
    it(`refuses ${what}`, () => {
      const data = typeof xml === "string" ? bytes(xml) : xml;
      refusedWith("RIM_XML_MALFORMED", () => readXml(data));
    });
  }

  it("has limits of depth, elements and attributes", () => {
    const nested = (depth: number) => bytes(`${"<a>".repeat(depth)}${"</a>".repeat(depth)}`);
    readXml(nested(16));
    refusedWith("RIM_XML_TOO_COMPLEX", () => readXml(nested(17)));
    const wide = (count: number) => bytes(`<a>${"<b/>".repeat(count)}</a>`);
    readXml(wide(4_095));
    refusedWith("RIM_XML_TOO_COMPLEX", () => readXml(wide(4_096)));
    const many = (count: number) =>
      bytes(`<a ${Array.from({ length: count }, (_, i) => `b${i}=""`).join(" ")}/>`);
    readXml(many(64));
    refusedWith("RIM_XML_TOO_COMPLEX", () => readXml(many(65)));
    const long = "a".repeat(257);
    refusedWith("RIM_XML_MALFORMED", () => readXml(bytes(`<${long}/>`)));
  });
});
