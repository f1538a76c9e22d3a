import assert from "node:assert/strict";
import fc from "fast-check";
import {
  authenticate,
  createRim,
  GpuError,
  nvidiaRoots,
  parseEvidence,
  parseNrasAnswer,
  parseOcspResponse,
  parsePolicy,
  parseReport,
  verify,
  verifyNras,
} from "../../../sdk/gpu/index.ts";
import { readRimContent } from "../../../sdk/gpu/rim-content.ts";
import { canonicalize } from "../../../sdk/gpu/xml/canonical.ts";
import { readXml } from "../../../sdk/gpu/xml/reader.ts";
import { anything, mutated, spliced, withinLimits } from "../tdx/support/fuzz.ts";
import { evidence, NONCE, simulator, trust } from "./support/simulated.ts";
import { evidenceOf, gpuFolders, gpuVector, gpuVectorText, H100, LS10 } from "./support/vectors.ts";

/** The same inputs each time; FUZZ_SEED for others. */
const seed = Number(process.env.FUZZ_SEED || 20_261_124);
/** Nothing for what JSON does not have. */
const toJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
};

const roots = nvidiaRoots();

function forAll<T>(inputs: fc.Arbitrary<T>, property: (input: T) => void, numRuns = 1_000): void {
  const checked = fc.property(inputs, (input) => {
    property(input);
  });
  fc.assert(checked, { seed, numRuns });
}

const limits = (act: () => unknown) => withinLimits(act, GpuError);
const bytes = fc.uint8Array({ maxLength: 5_000 });
const text = (data: Uint8Array) => Buffer.from(data).toString("utf8");

const reports = gpuFolders
  .filter((folder) => folder.startsWith("h100") || folder.startsWith("gb100") || folder === LS10)
  .map((folder) => gpuVector(`${folder}/report.bin`));
const rim = gpuVector(`${H100}/driver_rim.xml`);
const small = new TextEncoder().encode(
  simulator.rim({ version: "1.2", resources: (list) => list.slice(0, 3) }).xml,
);
const responses = ["certificate_l2", "certificate_l4", "driver_rim_l3", "vbios_l4"].map((name) =>
  gpuVector(`${H100}/ocsp_gpu_${name}.der`),
);

describe("generated GPU evidence", function () {
  this.timeout(60_000);

  it("as a report is parsed or refused", () => {
    const tryReport = (data: Uint8Array) => {
      const result = limits(() => parseReport(data));
      if (result instanceof Error) return;
      // What is signed, the signature and zeros: nothing is left out.
      const { signedRegion, signature, trailingLength } = result as ReturnType<typeof parseReport>;
      assert.equal(signedRegion.length + signature.length + trailingLength, data.length);
    };
    forAll(mutated(reports), tryReport, 3_000);
    forAll(spliced(reports), tryReport, 1_000);
    forAll(bytes, tryReport, 500);
  });

  it("as a chain is verified or refused", () => {
    const { report, chain } = evidenceOf(H100);
    const options = { at: 1_761_307_200, nonce: NONCE, root: roots.device };
    const tryChain = (pem: Uint8Array) =>
      limits(() => authenticate({ report, chain: pem }, options));
    forAll(mutated([chain as Uint8Array]), tryChain, 500);
    forAll(bytes, tryChain, 200);
  });

  it("as an OCSP response is parsed or refused", () => {
    const tryResponse = (der: Uint8Array) => limits(() => parseOcspResponse(der));
    forAll(mutated(responses), tryResponse, 3_000);
    forAll(spliced(responses), tryResponse, 1_000);
    forAll(bytes, tryResponse, 500);
  });

  it("as a RIM is verified or refused", () => {
    const tryRim = (xml: Uint8Array) => limits(() => createRim(xml, { root: simulator.roots.rim }));
    forAll(mutated([rim, small]), tryRim, 500);
    forAll(spliced([rim, small]), tryRim, 300);
  });

  it("as XML is read, and canonically again the same, or refused", () => {
    const piece = fc.constantFrom(
      ..."<>/=\"'& \n\t".split(""),
      ...["<a", "</a>", "<b/>", "<!--", "-->", "<!DOCTYPE a", "<?", "&amp;", "&#x41;", "&#", ";"],
      ...['xmlns="u"', 'xmlns:p="v"', "p:c", 'd="1"', 'xml:lang="e"', "]]>", "<![CDATA[", "é", "€"],
    );
    const tryXml = (xml: Uint8Array) => {
      const root = limits(() => readXml(xml));
      if (root instanceof Error) return;
      const once = canonicalize(root as ReturnType<typeof readXml>);
      assert.deepEqual(canonicalize(readXml(once)), once);
      limits(() => readRimContent(readXml(once)));
    };
    const pieces = fc.array(piece, { maxLength: 60 }).map((list) => list.join(""));
    const encode = (inner: string) => new TextEncoder().encode(inner);
    forAll(pieces, (inner) => tryXml(encode(inner)), 3_000);
    forAll(pieces, (inner) => tryXml(encode(`<a>${inner}</a>`)), 3_000);
    forAll(mutated([small]), tryXml, 1_000);
  });

  it("as JSON is read or refused", () => {
    const json = new TextEncoder().encode(
      gpuVectorText("hgx-h100x8-nvswitch4-ppcie-590.12-pass/switch_evidence.json"),
    );
    const tryJson = (data: Uint8Array) => limits(() => parseEvidence(text(data)));
    forAll(mutated([json]), tryJson, 200);
    forAll(anything, (value) => {
      limits(() => parseEvidence(toJson(value)));
      limits(() => parseEvidence(value as string));
    });
  });

  it("as an answer of NRAS is read or refused", () => {
    const { answer, jwks } = simulator.nras({ nonce: NONCE });
    const [a, b] = [answer, gpuVectorText("nras-v3-claims2.0-vllmproxy/single.json")].map((one) =>
      new TextEncoder().encode(one),
    );
    assert.ok(a !== undefined && b !== undefined);
    const options = { at: simulator.at, nonce: NONCE, jwks };
    const tryAnswer = (data: Uint8Array) => {
      limits(() => parseNrasAnswer(text(data)));
      limits(() => verifyNras(text(data), options));
    };
    forAll(mutated([a, b]), tryAnswer, 500);
    forAll(anything, (value) => {
      limits(() => verifyNras(toJson(value), options));
      limits(() => verifyNras(answer, { ...options, jwks: toJson(value) }));
    });
  });

  it("of any sort of value is refused at once", () => {
    forAll(anything, (value) => {
      limits(() => parseReport(value as Uint8Array));
      limits(() => parseOcspResponse(value as Uint8Array));
      limits(() => createRim(value as string, { root: simulator.roots.rim }));
      limits(() => parsePolicy(value));
      limits(() => verify(value as never, { rims: [], ocsp: [] }, trust));
      limits(() => verify(evidence, value as never, trust));
      limits(() => verify(evidence, { rims: value, ocsp: value } as never, trust));
      limits(() => verify(evidence, { rims: [], ocsp: [] }, { ...trust, nonce: value as string }));
    });
  });

  it("of the worst shapes is refused at once", () => {
    const repeat = (part: string, count: number) => new TextEncoder().encode(part.repeat(count));
    for (const xml of [
      repeat("<a>", 80_000),
      repeat("<a/>", 60_000),
      repeat("<!---->", 37_000),
      repeat("&", 260_000),
      repeat("<", 260_000),
      repeat("\r", 260_000),
      repeat("<a b='", 40_000),
      new TextEncoder().encode(`<a ${"b ".repeat(120_000)}/>`),
      new TextEncoder().encode(`<a b="${"&#9;".repeat(60_000)}"/>`),
      new TextEncoder().encode(`<a>${"x<!---->".repeat(32_000)}</a>`),
    ]) {
      const root = limits(() => readXml(xml));
      if (!(root instanceof Error)) limits(() => canonicalize(root as ReturnType<typeof readXml>));
    }
    limits(() => parseEvidence("[".repeat(1_000_000)));
    limits(() => parseOcspResponse(new Uint8Array(16_384).fill(0x30)));
    limits(() => parseReport(new Uint8Array(8_192).fill(0x11)));
    limits(() => parsePolicy({ deviceIds: Array(1_000_000).fill("") }));
  });
});
