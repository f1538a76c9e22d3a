import { concatHex, type Hex, isHex, keccak256, numberToHex, size, zeroHash } from "viem";
import { parseQuote, type Quote } from "../tdx/quote.ts";
import type { TdReport } from "../tdx/td-report.ts";
import { invalidArgument } from "./errors.ts";
import { type ApplicationRegister, applicationRegisters } from "./names.ts";

/** `Measurements` of `contracts/registry/RegistryTypes.sol`: an OS and an application on it. */
export interface Measurements {
  /** 8 bytes each, as in the TD report. */
  readonly tdAttributes: Hex;
  readonly xfam: Hex;
  /** 48 bytes each. */
  readonly mrTd: Hex;
  readonly rtmr0: Hex;
  readonly rtmr1: Hex;
  readonly rtmr2: Hex;
  /** Default: any TDX module. */
  readonly mrSeam?: Hex | undefined;
  /** Default: no service TD, which is to say zero. */
  readonly mrServiceTd?: Hex | undefined;
  readonly applicationRegister: ApplicationRegister;
  readonly application: Hex;
  /** The OS refuses to start what MRCONFIGID does not name. MRCONFIGID needs it. */
  readonly osEnforcesMrConfigId?: boolean;
  /** TD attributes with the MIGRATABLE bit need it. */
  readonly allowMigratable?: boolean;
}

export interface MeasurementsFromQuoteOptions {
  /** Which register names the application. Default: RTMR3. */
  readonly applicationRegister?: ApplicationRegister;
  /** Approve this TDX module alone. Default: any. */
  readonly pinMrSeam?: boolean;
  readonly osEnforcesMrConfigId?: boolean;
  readonly allowMigratable?: boolean;
}

const ZERO_REGISTER: Hex = `0x${"00".repeat(48)}`;

/**
 * What a quote's TD was measured as, to be approved. The quote is read, not verified: the owner
 * vouches for the image, whatever machine showed it.
 *
 * @example
 * import { approveMeasurements, measurementsFromQuote } from "chainseal/sdk/client";
 *
 * const measurements = measurementsFromQuote(quoteBytes);
 * await approveMeasurements(walletClient, { address, programId, measurements });
 */
export function measurementsFromQuote(
  quote: Uint8Array | Quote,
  options: MeasurementsFromQuoteOptions = {},
): Measurements {
  const { applicationRegister = "RTMR3", pinMrSeam = false } = options;
  const { report } = parseQuote(quote);
  const { mrServiceTd } = report;
  const isBound = mrServiceTd !== undefined && mrServiceTd !== ZERO_REGISTER;
  return Object.freeze({
    tdAttributes: report.tdAttributes,
    xfam: report.xfam,
    mrTd: report.mrTd,
    rtmr0: report.rtmr0,
    rtmr1: report.rtmr1,
    rtmr2: report.rtmr2,
    ...(pinMrSeam ? { mrSeam: report.mrSeam } : {}),
    ...(isBound ? { mrServiceTd } : {}),
    applicationRegister,
    application: applicationRegister === "RTMR3" ? report.rtmr3 : report.mrConfigId,
    osEnforcesMrConfigId: options.osEnforcesMrConfigId ?? false,
    allowMigratable: options.allowMigratable ?? false,
  });
}

/** As the contract takes them. Errors: `CLIENT_PARAMETER_INVALID`. */
export function encodeMeasurements(measurements: Measurements) {
  for (const name of ["tdAttributes", "xfam"] as const) {
    const value = measurements[name];
    if (!isHex(value) || size(value) !== 8) throw invalidArgument(name, "8 bytes in hex", value);
  }
  for (const name of ["mrTd", "rtmr0", "rtmr1", "rtmr2", "application"] as const) {
    const value = measurements[name];
    if (!isHex(value) || size(value) !== 48) throw invalidArgument(name, "48 bytes in hex", value);
  }
  const { applicationRegister } = measurements;
  const register = applicationRegisters.indexOf(applicationRegister);
  if (register < 0)
    throw invalidArgument(
      "applicationRegister",
      "RTMR3 or MRCONFIGID",
      String(applicationRegister),
    );
  return {
    ...measurements,
    mrSeam: measurements.mrSeam ?? "0x",
    mrServiceTd: measurements.mrServiceTd ?? "0x",
    applicationRegister: register,
    osEnforcesMrConfigId: measurements.osEnforcesMrConfigId ?? false,
    allowMigratable: measurements.allowMigratable ?? false,
  };
}

const RTMR3_FORM = 1;
const MRSEAM_FORM = 2;

/** What the contract compares a TD report by: `MeasurementsDigest.ofQuote`, 20 bytes. */
export function reportDigest(report: TdReport, form: number): Hex {
  const digest = keccak256(
    concatHex([
      numberToHex(form, { size: 1 }),
      report.tdAttributes,
      report.xfam,
      report.mrTd,
      report.rtmr0,
      report.rtmr1,
      report.rtmr2,
      (form & MRSEAM_FORM) !== 0 ? report.mrSeam : ZERO_REGISTER,
      report.mrServiceTd ?? ZERO_REGISTER,
      (form & RTMR3_FORM) !== 0 ? report.rtmr3 : report.mrConfigId,
    ]),
  );
  return digest.slice(0, 42) as Hex;
}

/** `null` for zero, as a record has it where there is none. */
export function orNull(word: Hex): Hex | null {
  return word === zeroHash ? null : word;
}
