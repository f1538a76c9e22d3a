import { toHex } from "../../bytes.ts";
import { asHexBytes, asUnsigned, JsonError, type JsonObject } from "../../json.ts";
import type { QuoteCollateral } from "../collateral.ts";
import { TdxError } from "../errors.ts";
import { readCrlBody } from "./crl-body.ts";
import type { CollateralItem, CollateralUrls } from "./endpoints.ts";
import { malformed } from "./errors.ts";
import { readIssuerChain } from "./issuer-chain.ts";
import type { Settings } from "./options.ts";
import type { CollateralSelection } from "./selection.ts";
import { readSignedDocument } from "./signed-document.ts";
import type { Get } from "./transport.ts";

/** Refuses a document that answers another question: some caches ignore parameters. */
function checkAnswers(
  item: CollateralItem,
  value: JsonObject,
  selection: Partial<CollateralSelection>,
): void {
  const expect = (name: string, expected: string | number, found: string | number) => {
    if (found !== expected) throw malformed(item, `${name} ${expected}`, found);
  };
  try {
    if (selection.fmspc !== undefined) {
      expect("fmspc", selection.fmspc, toHex(asHexBytes(value.fmspc, '"fmspc"', 6)));
    }
    const { tcbEvaluationDataNumber: number } = selection;
    if (number !== undefined) {
      const name = "tcbEvaluationDataNumber";
      expect(name, number, asUnsigned(value[name], `"${name}"`));
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(item, "what was asked for", error.message);
  }
}

/** "Get Revocation List" of Intel's PCS API v4. */
export async function fetchPckCrl(
  get: Get,
  urls: CollateralUrls,
): Promise<Pick<QuoteCollateral, "pck_crl" | "pck_crl_issuer_chain">> {
  const item = "PCK CRL";
  const { headers, body } = await get(item, urls[item]);
  return {
    pck_crl_issuer_chain: readIssuerChain(item, headers),
    pck_crl: readCrlBody(item, body),
  };
}

/**
 * The root CRL: from the PCCS, else from the address that the options give. Intel's PCS is known
 * not to serve it, so it is not asked.
 */
export async function fetchRootCrl(
  get: Get,
  urls: CollateralUrls,
  { isIntelPcs, rootCaCrlUrl }: Pick<Settings, "isIntelPcs" | "rootCaCrlUrl">,
): Promise<Pick<QuoteCollateral, "root_ca_crl">> {
  const item = "root CRL";
  const fetchFrom = async (url: URL) => ({
    root_ca_crl: readCrlBody(item, (await get(item, url)).body),
  });
  if (isIntelPcs && rootCaCrlUrl !== undefined) return await fetchFrom(rootCaCrlUrl);
  try {
    return await fetchFrom(urls[item]);
  } catch (error) {
    const isMissing =
      error instanceof TdxError && error.code === "PCCS_STATUS" && error.found === 404;
    if (!isMissing) throw error;
    if (rootCaCrlUrl !== undefined) return await fetchFrom(rootCaCrlUrl);
    throw new TdxError("PCCS_STATUS", {
      subject: item,
      expected: "200, or `rootCaCrlUrl` for a source that does not serve it",
      found: error.found ?? 404,
    });
  }
}

/** "Get TDX TCB Info" of Intel's PCS API v4. */
export async function fetchTcbInfo(
  get: Get,
  urls: CollateralUrls,
  selection: CollateralSelection,
): Promise<Pick<QuoteCollateral, "tcb_info" | "tcb_info_signature" | "tcb_info_issuer_chain">> {
  const item = "TCB info";
  const { headers, body } = await get(item, urls[item]);
  const { text, signature, value } = readSignedDocument(item, "tcbInfo", body);
  checkAnswers(item, value, selection);
  return {
    tcb_info_issuer_chain: readIssuerChain(item, headers),
    tcb_info: text,
    tcb_info_signature: signature,
  };
}

/** "Get TDX QE Identity" of Intel's PCS API v4. */
export async function fetchQeIdentity(
  get: Get,
  urls: CollateralUrls,
  { tcbEvaluationDataNumber }: CollateralSelection,
): Promise<
  Pick<QuoteCollateral, "qe_identity" | "qe_identity_signature" | "qe_identity_issuer_chain">
> {
  const item = "QE identity";
  const { headers, body } = await get(item, urls[item]);
  const { text, signature, value } = readSignedDocument(item, "enclaveIdentity", body);
  checkAnswers(
    item,
    value,
    tcbEvaluationDataNumber === undefined ? {} : { tcbEvaluationDataNumber },
  );
  return {
    qe_identity_issuer_chain: readIssuerChain(item, headers),
    qe_identity: text,
    qe_identity_signature: signature,
  };
}
