import { createHash, X509Certificate } from "node:crypto";
import { printable } from "../../sdk/errors.ts";
import {
  GpuError,
  MAX_RIM_LENGTH,
  parseEvidence,
  parseNrasAnswer,
  parseOcspResponse,
  parseReport,
} from "../../sdk/gpu/index.ts";
import { readRimContent } from "../../sdk/gpu/rim-content.ts";
import { decodePemChain } from "../../sdk/gpu/x509.ts";
import { readXml } from "../../sdk/gpu/xml/reader.ts";
import type { NamedGpuFile } from "../support/gpu/files.ts";
import { heading, line, printJson } from "../support/output.ts";

type Described = Readonly<Record<string, unknown>>;

function describeReport(bytes: Uint8Array): Described {
  const { nonce, responderNonce, slot, measurements, opaque, trailingLength } = parseReport(bytes);
  const values = Object.fromEntries([...measurements].map(([index, { value }]) => [index, value]));
  return { nonce, responderNonce, slot, opaque, trailingLength, measurements: values };
}

function describeCertificates(pem: Uint8Array): readonly Described[] {
  return decodePemChain(pem, "chain").map((der) => {
    const { subject, issuer, serialNumber, validFrom, validTo } = new X509Certificate(der);
    const oneLine = (name: string) => name.replaceAll("\n", ", ");
    return {
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      serial: `0x${serialNumber.toLowerCase()}`,
      validFrom: new Date(validFrom).toISOString(),
      validTo: new Date(validTo).toISOString(),
      sha256: `0x${createHash("sha256").update(der).digest("hex")}`,
    };
  });
}

function describeRim(bytes: Uint8Array): Described {
  if (bytes.length > MAX_RIM_LENGTH) {
    throw new GpuError("RIM_TOO_LARGE", { found: `${bytes.length} bytes` });
  }
  const { version, product, tagId, measurements } = readRimContent(readXml(bytes));
  const sha256 = `0x${createHash("sha256").update(bytes).digest("hex")}`;
  const active = Object.fromEntries(
    [...measurements.values()].map(({ index, alternatives }) => [index, alternatives]),
  );
  return { version, product, tagId, sha256, active };
}

function describeJson(text: string): Described {
  try {
    const devices = parseEvidence(text).map(({ architecture, report, chain }) => ({
      architecture,
      report: describeReport(report),
      chain: describeCertificates(chain as Uint8Array),
    }));
    return { devices };
  } catch (error) {
    if (!(error instanceof GpuError) || error.code !== "EVIDENCE_MALFORMED") throw error;
    const { overall, submodules } = parseNrasAnswer(text);
    return {
      overall: { header: overall.header, claims: overall.claims },
      submodules: Object.fromEntries(
        submodules.map(({ name, token }) => [name, { header: token.header, claims: token.claims }]),
      ),
    };
  }
}

function describe({ file }: NamedGpuFile): Described {
  switch (file.kind) {
    case "report":
      return describeReport(file.bytes);
    case "chain":
      return { certificates: describeCertificates(file.bytes) };
    case "rim":
      return describeRim(file.bytes);
    case "ocsp": {
      const { answers, nonce } = parseOcspResponse(file.bytes);
      return { answers, nonce: nonce ?? null };
    }
    default:
      return describeJson(file.text);
  }
}

/** Prints nested plain data, two spaces a level. */
function printTree(value: unknown, indent: string): void {
  for (const [name, inner] of Object.entries(value as object)) {
    const isTree = typeof inner === "object" && inner !== null;
    if (isTree && Object.keys(inner).length > 0) {
      line(`${indent}${printable(name)}`);
      printTree(inner, `${indent}  `);
    } else if (inner !== undefined) {
      line(`${indent}${printable(name)}  ${printable(isTree ? "none" : String(inner))}`);
    }
  }
}

/** Shows what files of GPU evidence say. It throws for what cannot be read. */
export function inspectGpuFiles(files: readonly NamedGpuFile[], asJson: boolean): void {
  const described = files.map((named) => ({
    file: named.path,
    kind: named.file.kind,
    ...describe(named),
  }));
  if (asJson) {
    printJson({ verified: false, files: described });
    return;
  }
  line("Nothing of this is verified.");
  for (const { file, kind, ...rest } of described) {
    heading(`${printable(file)}, ${kind}`);
    printTree(rest, "  ");
  }
}
