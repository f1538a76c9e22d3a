import type { Platform } from "../../../../sdk/tdx/simulator/index.ts";
import {
  type CertificateTemplate,
  type CrlTemplate,
  issueCertificate,
  issueCrl,
  toPemChain,
} from "../../../../sdk/tdx/simulator/index.ts";
import { simulator } from "./simulated.ts";

const { platformCa, tcbSigner } = simulator.authorities;
const root = simulator.rootCertificate;

type Edit<T> = Partial<T> | ((template: T) => Partial<T>);

function edited<T extends object>(template: T, edit: Edit<T>): T {
  return { ...template, ...(typeof edit === "function" ? edit(template) : edit) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A quote whose PCK certificate was changed before its CA signed it. */
export function quoteWithPck(edit: Edit<CertificateTemplate>): Uint8Array {
  return simulator.platform({ editCertificate: (template) => edited(template, edit) }).quote();
}

/** A quote whose chain has another PCK CA certificate, changed before the root signed it. */
export function quoteWithPckCa(
  edit: Edit<CertificateTemplate>,
  platform: Platform = simulator.platform(),
): Uint8Array {
  const ca = issueCertificate(edited(platformCa.template, edit));
  return platform.quote({ pckChainPem: toPemChain(platform.pckCertificate, ca, root) });
}

/** Collateral whose PCK CRL was changed before it was signed. */
export function collateralWithPckCrl(edit: Edit<CrlTemplate>) {
  const crl = issueCrl(edited(simulator.crlTemplate("platform"), edit));
  return { ...simulator.collateral(), pck_crl: hex(crl) };
}

/** Collateral whose root CRL was changed before it was signed. */
export function collateralWithRootCrl(edit: Edit<CrlTemplate>) {
  const crl = issueCrl(edited(simulator.crlTemplate("root"), edit));
  return { ...simulator.collateral(), root_ca_crl: hex(crl) };
}

/** Collateral whose TCB signing certificate was changed before the root signed it. */
export function collateralWithTcbSigner(edit: Edit<CertificateTemplate>) {
  const signer = issueCertificate(edited(tcbSigner.template, edit));
  return { ...simulator.collateral(), tcb_info_issuer_chain: toPemChain(signer, root) };
}

/** Collateral whose CRL issuer certificate was changed before the root signed it. */
export function collateralWithPckCa(edit: Edit<CertificateTemplate>) {
  const ca = issueCertificate(edited(platformCa.template, edit));
  return { ...simulator.collateral(), pck_crl_issuer_chain: toPemChain(ca, root) };
}
