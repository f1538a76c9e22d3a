import { type Hex, keccak256, numberToHex } from "viem";
import {
  type ApplicationRegister,
  applyPolicy,
  approveMeasurements,
  createProgram,
  defaultProgramPolicy,
  delistPlatform,
  getApprovals,
  getPlatform,
  getProgram,
  listPlatforms,
  type Measurements,
  measurementsFromQuote,
  RegistryError,
  revokePlatform,
  setPolicy,
  withdrawApproval,
} from "../../sdk/client/index.ts";
import { CliError } from "../support/errors.ts";
import { readQuote } from "../support/input.ts";
import { isoTime, line } from "../support/output.ts";
import { parseSalt, readMeasurements, readProgramPolicy } from "../support/program-files.ts";
import { printProgram, printSent } from "./program-report.ts";
import {
  asking,
  connectReader,
  connectWriter,
  type ReadingOptions,
  type RegistryOptions,
  readingOf,
} from "./registry.ts";

export interface ImageOptions {
  readonly fromQuote?: string;
  readonly measurements?: string;
  readonly application: ApplicationRegister;
  readonly pinMrseam?: boolean;
  readonly osEnforcesMrconfigid?: boolean;
  readonly allowMigratable?: boolean;
}

/** What a quote's TD was measured as, or what a file says. */
async function imageOf(options: ImageOptions): Promise<Measurements | undefined> {
  const { fromQuote, measurements } = options;
  if (fromQuote !== undefined && measurements !== undefined) {
    throw new CliError("USAGE", { found: "both --from-quote and --measurements" });
  }
  if (measurements !== undefined) return readMeasurements(measurements);
  if (fromQuote === undefined) return undefined;
  return measurementsFromQuote(await readQuote(fromQuote), {
    applicationRegister: options.application,
    pinMrSeam: options.pinMrseam ?? false,
    osEnforcesMrConfigId: options.osEnforcesMrconfigid ?? false,
    allowMigratable: options.allowMigratable ?? false,
  });
}

export interface CreateOptions extends RegistryOptions, ImageOptions {
  readonly salt?: string;
  readonly policy?: string;
  readonly platform: readonly Hex[];
}

/** Enough to tell an account's programs apart, and nothing that must be secret. */
function someSalt(): Hex {
  return keccak256(numberToHex(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0));
}

export async function create(options: CreateOptions): Promise<void> {
  const client = connectWriter(options);
  const image = await imageOf(options);
  const policy =
    options.policy === undefined ? defaultProgramPolicy : await readProgramPolicy(options.policy);
  const job = createProgram(client, {
    address: options.registry,
    salt: options.salt === undefined ? someSalt() : parseSalt(options.salt),
    policy,
    measurements: image === undefined ? [] : [image],
    platformIds: options.platform,
  });
  await asking(options, job, (sent) => {
    printSent(sent, "created");
    line(`program ${sent.programId}`);
    if (image === undefined) line("It trusts no image yet: `chainseal program approve`.");
  });
}

export interface OfProgram extends RegistryOptions {
  readonly program: Hex;
}

const of = ({ registry, program }: OfProgram) => ({ address: registry, programId: program });

export async function approve(options: OfProgram & ImageOptions): Promise<void> {
  const measurements = await imageOf(options);
  if (measurements === undefined) {
    throw new CliError("USAGE", { expected: "--from-quote or --measurements", found: "neither" });
  }
  const job = approveMeasurements(connectWriter(options), { ...of(options), measurements });
  await asking(
    options,
    job.then((sent) => ({ ...sent, measurements })),
    (sent) => {
      printSent(sent, "approved");
      line(`approval ${sent.approvalId}, in force from ${isoTime(sent.approvedFrom)}`);
      for (const [name, value] of Object.entries(measurements)) line(`  ${name}  ${value}`);
    },
  );
}

export async function withdraw(approvalId: number, options: OfProgram): Promise<void> {
  const job = withdrawApproval(connectWriter(options), { ...of(options), approvalId });
  await asking(options, job, (sent) => printSent(sent, `approval ${approvalId} withdrawn`));
}

export async function status(options: OfProgram & ReadingOptions): Promise<void> {
  const client = connectReader(options);
  const read = async () => {
    const question = { ...readingOf(options), programId: options.program };
    const program = await getProgram(client, question);
    if (program === null) throw new RegistryError("PROGRAM_UNKNOWN", { found: options.program });
    const { blockNumber } = program;
    const approvals = await getApprovals(client, { ...question, blockNumber, limit: 50 });
    return { program, approvals };
  };
  await asking(options, read(), ({ program, approvals }) => printProgram(program, approvals));
}

export async function addPlatforms(platformIds: readonly Hex[], options: OfProgram): Promise<void> {
  const job = listPlatforms(connectWriter(options), { ...of(options), platformIds });
  await asking(options, job, (sent) => printSent(sent, `${platformIds.length} listed`));
}

export async function removePlatform(platformId: Hex, options: OfProgram): Promise<void> {
  const job = delistPlatform(connectWriter(options), { ...of(options), platformId });
  await asking(options, job, (sent) => printSent(sent, "taken off the list"));
}

export async function revokeProgramPlatform(platformId: Hex, options: OfProgram): Promise<void> {
  const job = revokePlatform(connectWriter(options), { ...of(options), platformId });
  await asking(options, job, (sent) => printSent(sent, "revoked for ever"));
}

export async function listProgramPlatforms(
  platformIds: readonly Hex[],
  options: OfProgram & ReadingOptions,
): Promise<void> {
  const client = connectReader(options);
  const question = { ...readingOf(options), programId: options.program };
  const job = Promise.all(
    platformIds.map((platformId) => getPlatform(client, { ...question, platformId })),
  );
  await asking(options, job, (platforms) => {
    for (const { platformId, listedFrom, isListed, isRevoked, isRevokedForAll } of platforms) {
      const listed =
        listedFrom === null
          ? "not listed"
          : isListed
            ? "listed"
            : `listed from ${isoTime(listedFrom)}`;
      const revoked = isRevokedForAll ? ", revoked for all" : isRevoked ? ", revoked" : "";
      line(`${platformId}  ${listed}${revoked}`);
    }
  });
}

export async function changePolicy(
  file: string,
  options: OfProgram & ReadingOptions,
): Promise<void> {
  const client = connectWriter(options);
  const change = async () => {
    const question = { ...readingOf(options), programId: options.program };
    const present = await getProgram(client, { ...question, blockTag: "latest" });
    if (present === null) throw new RegistryError("PROGRAM_UNKNOWN", { found: options.program });
    const policy = await readProgramPolicy(file, present.policy);
    const sent = await setPolicy(client, { ...of(options), policy });
    return { ...sent, policy };
  };
  await asking(options, change(), (sent) => {
    printSent(sent, "policy set");
    line("What narrows is in force; what widens waits: `chainseal program status`.");
  });
}

export async function apply(options: OfProgram): Promise<void> {
  const job = applyPolicy(connectWriter(options), of(options));
  await asking(options, job, (sent) => printSent(sent, "policy in force"));
}
