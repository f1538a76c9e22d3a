import {
  authenticate,
  createRim,
  DeviceChainCache,
  nodeBackend,
  nvidiaRoots,
  OcspCache,
  parseEvidence,
  verifyNras,
} from "../../../sdk/gpu/index.ts";
import { Revocation } from "../../../sdk/gpu/revocation.ts";
import { encodePem } from "../../../sdk/x509/pem.ts";
import { certificatesOf } from "../tdx/support/pem.ts";
import { SeededRandom } from "../tdx/support/random.ts";
import { refusalOf } from "./support/refusal.ts";
import { NONCE, simulator } from "./support/simulated.ts";
import {
  DEVICE_TIME,
  evidenceOf,
  gpuManifest,
  gpuVector,
  gpuVectorText,
  H100,
  LS10,
  RIM_TIME,
} from "./support/vectors.ts";

if (nodeBackend === undefined) throw new Error("Node.js has no node:crypto");
const crypto = nodeBackend;
const roots = nvidiaRoots();

/** One bit of every `step`-th byte flipped, a byte at a time; each must be refused. */
function refusesEveryFlip(
  bytes: Uint8Array,
  act: (flipped: Uint8Array) => unknown,
  { from = 0, to = bytes.length, step = 1 } = {},
): void {
  const random = new SeededRandom(20_261_124);
  for (let offset = from; offset < to; offset += step) {
    const bit = random.below(8);
    const flipped = bytes.slice();
    flipped[offset] = (flipped[offset] ?? 0) ^ (1 << bit);
    refusalOf(() => act(flipped), `bit ${bit} of byte ${offset} flipped`);
  }
}

describe("one bit flipped", function () {
  this.timeout(60_000);

  for (const folder of [H100, LS10]) {
    const { report, chain } = evidenceOf(folder);
    const { nonce } = gpuManifest(folder);
    const options = { at: RIM_TIME, nonce, root: roots.device, crypto };

    it(`in the report of ${folder}, signed or signature`, () => {
      refusesEveryFlip(report, (flipped) => authenticate({ report: flipped, chain }, options));
    });

    it(`in a certificate of ${folder}`, () => {
      const ders = certificatesOf(new TextDecoder().decode(chain as Uint8Array));
      for (const [index, der] of ders.entries()) {
        refusesEveryFlip(
          der,
          (flipped) => {
            const pem = ders.with(index, flipped).map(encodePem).join("");
            const chainCache = new DeviceChainCache(0);
            return authenticate({ report, chain: pem }, { ...options, chainCache });
          },
          // The certificates above are the same for every device; one folder tries them all.
          { step: folder === H100 ? 1 : 7 },
        );
      }
    });
  }

  for (const [path, step] of [
    [`${H100}/driver_rim.xml`, 11],
    [`${H100}/vbios_rim.xml`, 41],
    [`${LS10}/switch_bios_rim.xml`, 53],
  ] as const) {
    it(`in one of ${step} bytes of the RIM ${path}`, () => {
      refusesEveryFlip(gpuVector(path), (xml) => createRim(xml, { root: roots.rim }), { step });
    });
  }

  it("in an OCSP response about a device or about a RIM's signer", () => {
    const { nonce } = gpuManifest(H100);
    const { links } = authenticate(evidenceOf(H100), { at: RIM_TIME, nonce, root: roots.device });
    const rim = createRim(gpuVector(`${H100}/driver_rim.xml`), { root: roots.rim });
    for (const [file, at, link] of [
      ["ocsp_gpu_certificate_l4.der", DEVICE_TIME, links[0]],
      ["ocsp_gpu_driver_rim_l4.der", RIM_TIME, rim.chain[0]],
    ] as const) {
      if (link === undefined) throw new Error("a chain without links");
      refusesEveryFlip(gpuVector(`${H100}/${file}`), (der) =>
        new Revocation([der], at, crypto, new OcspCache(0)).check(link, "DEVICE_REVOKED", false),
      );
    }
  });

  it("in a token of NRAS, header, claims or signature", () => {
    const { answer, jwks } = simulator.nras({ nonce: NONCE });
    const options = { at: simulator.at, nonce: NONCE, jwks };
    const bytes = new TextEncoder().encode(answer);
    // Without the brackets and names of the JSON around the tokens.
    const from = answer.indexOf("eyJ");
    refusesEveryFlip(
      bytes,
      (flipped) => verifyNras(Buffer.from(flipped).toString("latin1"), options),
      { from, to: answer.lastIndexOf('"'), step: 3 },
    );
  });

  it("in evidence that is read as JSON", () => {
    const text = gpuVectorText("hgx-h100x8-nvswitch4-ppcie-590.12-pass/switch_evidence.json");
    const [entry] = JSON.parse(text) as { evidence: string }[];
    if (entry === undefined) throw new Error("no evidence");
    const report = new Uint8Array(Buffer.from(entry.evidence, "base64"));
    refusesEveryFlip(
      report,
      (flipped) => {
        const json = { ...entry, evidence: Buffer.from(flipped).toString("base64") };
        return authenticateJson(JSON.stringify(json));
      },
      { step: 11 },
    );
  });
});

function authenticateJson(json: string): unknown {
  const { nonce } = gpuManifest("hgx-h100x8-nvswitch4-ppcie-590.12-pass");
  const [evidence] = parseEvidence(json);
  if (evidence === undefined) throw new Error("no evidence");
  return authenticate(evidence, { at: RIM_TIME, nonce, root: roots.device });
}
