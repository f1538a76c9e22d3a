import { type GpuEvidence, MAX_EVIDENCE_LENGTH, parseEvidence } from "../../../sdk/gpu/index.ts";
import { CliError } from "../errors.ts";
import { readInput } from "../input.ts";

/** What a file is, by what it begins with; its name says nothing. */
export type GpuFile =
  | { readonly kind: "report" | "chain" | "rim" | "ocsp"; readonly bytes: Uint8Array }
  | { readonly kind: "json"; readonly text: string };

export interface NamedGpuFile {
  readonly path: string;
  readonly file: GpuFile;
}

const MAX_FILE_LENGTH = 2 * MAX_EVIDENCE_LENGTH;

function isReport(bytes: Uint8Array): boolean {
  return bytes[0] === 0x11 && bytes[1] === 0xe0;
}

/** A report or an OCSP response written as hex or base64. */
function decodeText(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/\s+/g, "");
  if (/^([0-9a-fA-F]{2})+$/.test(compact)) return new Uint8Array(Buffer.from(compact, "hex"));
  if (/^[0-9A-Za-z+/]+={0,2}$/.test(compact)) return new Uint8Array(Buffer.from(compact, "base64"));
  return undefined;
}

function recogniseBytes(bytes: Uint8Array): GpuFile | undefined {
  if (isReport(bytes)) return { kind: "report", bytes };
  // A SEQUENCE with a length of more than 127 bytes; "0" of hex text is no such.
  return bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80 ? { kind: "ocsp", bytes } : undefined;
}

/** An answer of the RIM service: the RIM is in it. */
function rimOfAnswer(text: string): Uint8Array | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const rim: unknown =
      typeof answer === "object" && answer !== null ? Reflect.get(answer, "rim") : undefined;
    return typeof rim === "string" ? new Uint8Array(Buffer.from(rim, "base64")) : undefined;
  } catch {
    return undefined;
  }
}

export function recogniseGpuFile(bytes: Uint8Array, subject: string): GpuFile {
  const binary = recogniseBytes(bytes);
  if (binary !== undefined) return binary;
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  const first = text.trimStart().charAt(0);
  if (first === "<") return { kind: "rim", bytes };
  if (first === "{" || first === "[") {
    const rim = rimOfAnswer(text);
    return rim === undefined ? { kind: "json", text } : { kind: "rim", bytes: rim };
  }
  if (first === "-") return { kind: "chain", bytes };
  const decoded = decodeText(text);
  const inner = decoded && recogniseBytes(decoded);
  if (inner !== undefined) return inner;
  throw new CliError("INPUT_NOT_GPU_EVIDENCE", {
    subject,
    expected: "a report, a PEM chain, evidence JSON, a RIM or an OCSP response",
    found: bytes.length === 0 ? "nothing" : "something else",
  });
}

export async function readGpuFile(path: string): Promise<NamedGpuFile> {
  return { path, file: recogniseGpuFile(await readInput(path, MAX_FILE_LENGTH), path) };
}

/** What the files of one command are together. */
export interface GpuInput {
  readonly evidence: readonly GpuEvidence[];
  readonly rims: readonly Uint8Array[];
  readonly ocsp: readonly Uint8Array[];
}

function bytesOf(files: readonly NamedGpuFile[], kind: "report" | "chain" | "rim" | "ocsp") {
  return files.flatMap(({ file }) => (file.kind === kind ? [file.bytes] : []));
}

/** Puts files together: each report with the chain that stands in the same place among chains. */
export function combineGpuFiles(files: readonly NamedGpuFile[]): GpuInput {
  const reports = bytesOf(files, "report");
  const chains = bytesOf(files, "chain");
  if (reports.length !== chains.length) {
    throw new CliError("USAGE", {
      expected: "a PEM chain for each report",
      found: `${reports.length} reports and ${chains.length} chains`,
    });
  }
  const evidence = [
    ...files.flatMap(({ file }) => (file.kind === "json" ? parseEvidence(file.text) : [])),
    ...reports.map((report, index) => ({ report, chain: chains[index] as Uint8Array })),
  ];
  if (evidence.length === 0) {
    throw new CliError("USAGE", { expected: "the evidence of a device", found: "none" });
  }
  return { evidence, rims: bytesOf(files, "rim"), ocsp: bytesOf(files, "ocsp") };
}
