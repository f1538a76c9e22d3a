import { printable } from "../../sdk/errors.ts";
import { describePckChain, parseQuote, TdxError } from "../../sdk/tdx/index.ts";
import { fields, heading, isoTime, line, printJson } from "../support/output.ts";
import { printReport } from "../support/report.ts";

/** Shows a quote's fields and its certificates. It throws for what is not a TDX quote. */
export function inspectQuote(bytes: Uint8Array, asJson: boolean): void {
  const quote = parseQuote(bytes);
  const { header, qeReport, certificationData } = quote;
  const certificates = describeChain(quote);
  const hex = (data: Uint8Array) => `0x${Buffer.from(data).toString("hex")}`;
  const qe = {
    mrEnclave: hex(qeReport.mrEnclave),
    mrSigner: hex(qeReport.mrSigner),
    isvProdId: qeReport.isvProdId,
    isvSvn: qeReport.isvSvn,
    attributes: hex(qeReport.attributes),
    miscSelect: hex(qeReport.miscSelect),
    reportData: hex(qeReport.reportData),
  };
  const { bodyType, trailingLength, report } = quote;
  const certification = { type: certificationData.type, length: certificationData.data.length };
  if (asJson) {
    const attestationKey = hex(quote.attestationKey);
    printJson({
      verified: false,
      header,
      bodyType,
      report,
      attestationKey,
      qe,
      certification,
      ...certificates,
      trailingLength,
    });
    return;
  }
  line("Nothing of this is verified.");
  heading("Quote");
  fields(
    [
      ["version", `${header.version}, ${bodyType === "TD10" ? "TD report 1.0" : "TD report 1.5"}`],
      ["QE vendor", header.qeVendorId],
      ["user data", header.userData],
      ["attestation key", hex(quote.attestationKey)],
      ["trailing bytes", String(trailingLength)],
    ],
    "  ",
  );
  heading("TD report");
  printReport(report);
  heading("Quoting enclave");
  fields(
    Object.entries(qe).map(([name, value]) => [name, String(value)] as const),
    "  ",
  );
  heading(`Certification data, type ${certification.type}, ${certification.length} bytes`);
  if ("error" in certificates) {
    line(`  ${certificates.error.message}`);
    return;
  }
  for (const { subject, issuer, serial, notBefore, notAfter } of certificates.certificates) {
    line(`  ${printable(subject)}`);
    fields(
      [
        ["issuer", issuer],
        ["serial", serial],
        ["valid", `${isoTime(notBefore)} to ${isoTime(notAfter)}`],
      ],
      "    ",
    );
  }
  heading("Platform");
  fields(
    Object.entries(certificates.platform).map(([name, value]) => [name, String(value)] as const),
    "  ",
  );
}

function describeChain(quote: ReturnType<typeof parseQuote>) {
  try {
    return describePckChain(quote);
  } catch (error) {
    if (!(error instanceof TdxError)) throw error;
    return { error: error.toJSON() };
  }
}
