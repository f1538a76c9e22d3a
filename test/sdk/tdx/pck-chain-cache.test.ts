import assert from "node:assert/strict";
import { createCollateral, PckChainCache, verify } from "../../../sdk/tdx/index.ts";
import {
  createSimulator,
  issueCertificate,
  type QuoteOptions,
  toPemChain,
} from "../../../sdk/tdx/simulator/index.ts";
import { outcomeOf, simulator, verifySimulated } from "./support/simulated.ts";

const { at, authorities } = simulator;
const platform = simulator.platform();
const genuine = platform.quote();
const mallory = simulator.key("mallory");

describe("the cache of PCK chains", () => {
  const quoteOf = (label: string) => simulator.platform({ label }).quote();
  const root = simulator.rootCertificate;

  it("never lets a chain in that does not verify", () => {
    const pckChainCache = new PckChainCache(4);
    const options: QuoteOptions = {
      pckChainPem: toPemChain(
        issueCertificate({ ...platform.template, signer: mallory }),
        authorities.platformCa.certificate,
        root,
      ),
    };
    for (let i = 0; i < 2; i++) {
      assert.equal(
        outcomeOf(() =>
          verify(platform.quote(options), simulator.collateral(), { at, root, pckChainCache }),
        ),
        "CERTIFICATE_SIGNATURE_INVALID",
      );
    }
    assert.equal(pckChainCache.size, 0);
  });

  it("keeps the most recently used, up to its limit", () => {
    const pckChainCache = new PckChainCache(2);
    const collateral = createCollateral(simulator.collateral(), { root });
    for (const label of ["a", "b", "a", "c"]) {
      verify(quoteOf(label), collateral, { at, root, pckChainCache });
    }
    assert.equal(pckChainCache.size, 2);
  });

  it("does not carry a chain from one root to another", () => {
    const pckChainCache = new PckChainCache();
    const other = createSimulator({ seed: "another" });
    verify(genuine, simulator.collateral(), { at, root, pckChainCache });
    assert.equal(
      outcomeOf(() =>
        verify(genuine, other.collateral(), { at, root: other.rootCertificate, pckChainCache }),
      ),
      "ROOT_UNTRUSTED",
    );
  });

  it("still sees a revocation and an expiry", () => {
    const pckChainCache = new PckChainCache();
    const verifyWith = (collateral: ReturnType<typeof simulator.collateral>, time: number) =>
      outcomeOf(() => verify(genuine, collateral, { at: time, root, pckChainCache }));
    assert.equal(verifyWith(simulator.collateral(), at), "UpToDate");
    assert.equal(
      verifyWith(simulator.collateral({ revokedPck: [platform.serial] }), at),
      "PCK_REVOKED",
    );
    assert.equal(
      verifyWith(simulator.collateral({ revokedCa: [simulator.serials.platformCa] }), at),
      "PCK_CA_REVOKED",
    );
    assert.equal(verifyWith(simulator.collateral(), at + 40 * 86_400), "CRL_EXPIRED");
  });
});

describe("a quote that does not carry its chain", () => {
  const bare = platform.quote({ certificationData: { type: 3, bytes: "00".repeat(404) } });
  const supplied = (pem: string) => ({ ...simulator.collateral(), pck_certificate_chain: pem });

  it("is verified with the chain that comes with the collateral", () => {
    assert.equal(verifySimulated(bare, supplied(platform.pckChainPem)).status, "UpToDate");
  });

  it("is refused with another machine's chain", () => {
    const other = simulator.platform({ label: "other" }).pckChainPem;
    assert.equal(
      outcomeOf(() => verifySimulated(bare, supplied(other))),
      "QE_REPORT_SIGNATURE_INVALID",
    );
  });

  it("does not override the chain that a quote carries", () => {
    const other = simulator.platform({ label: "other" }).pckChainPem;
    assert.equal(verifySimulated(genuine, supplied(other)).status, "UpToDate");
  });
});
