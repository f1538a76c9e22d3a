import type { QuoteCollateral } from "../../../sdk/tdx/index.ts";
import {
  type CertificateTemplate,
  type CollateralOptions,
  type CrlTemplate,
  issueCertificate,
  issueCrl,
  type PlatformOptions,
  type QuoteOptions,
  toPemChain,
} from "../../../sdk/tdx/simulator/index.ts";
import {
  collateralWithPckCrl,
  collateralWithRootCrl,
  quoteWithPck,
} from "../../sdk/tdx/support/forge.ts";
import { simulator } from "../../sdk/tdx/support/simulated.ts";

/** Evidence under the simulator's root: what both verifiers are given. */
export interface Case {
  readonly quote: Uint8Array;
  readonly collateral: QuoteCollateral;
}

const { platformCa, tcbSigner } = simulator.authorities;
const root = simulator.rootCertificate;
const good: Case = { quote: simulator.platform().quote(), collateral: simulator.collateral() };

type Edit<T> = (template: T) => Partial<T>;

export function withQuote(options: QuoteOptions, platform: PlatformOptions = {}): Case {
  return { ...good, quote: simulator.platform(platform).quote(options) };
}

export function withCollateral(options: CollateralOptions): Case {
  return { ...good, collateral: simulator.collateral(options) };
}

export function withPck(edit: Edit<CertificateTemplate>): Case {
  return { ...good, quote: quoteWithPck(edit) };
}

/** Another PCK CA certificate, in the quote's chain and in that of the CRL. */
export function withPckCa(edit: Edit<CertificateTemplate>): Case {
  const ca = issueCertificate({ ...platformCa.template, ...edit(platformCa.template) });
  const platform = simulator.platform();
  return {
    quote: platform.quote({ pckChainPem: toPemChain(platform.pckCertificate, ca, root) }),
    collateral: { ...good.collateral, pck_crl_issuer_chain: toPemChain(ca, root) },
  };
}

/** Another TCB signer's certificate, for both documents. */
export function withTcbSigner(edit: Edit<CertificateTemplate>): Case {
  const chain = toPemChain(
    issueCertificate({ ...tcbSigner.template, ...edit(tcbSigner.template) }),
    root,
  );
  const chains = { tcb_info_issuer_chain: chain, qe_identity_issuer_chain: chain };
  return { ...good, collateral: { ...good.collateral, ...chains } };
}

export function withPckCrl(edit: Edit<CrlTemplate>): Case {
  return { ...good, collateral: collateralWithPckCrl(edit) };
}

export function withRootCrl(edit: Edit<CrlTemplate>): Case {
  return { ...good, collateral: collateralWithRootCrl(edit) };
}

/** A CRL of another issuer in the place of the PCK CA's. */
export function withCrlOf(issuer: "root" | "processor"): Case {
  const crl = Buffer.from(issueCrl(simulator.crlTemplate(issuer))).toString("hex");
  return { ...good, collateral: { ...good.collateral, pck_crl: crl } };
}
