import type { TextEdit } from "../../../../sdk/tdx/simulator/index.ts";

/** What `verify` accepts and the contract refuses, on purpose. */
export interface Stricter {
  readonly name: string;
  readonly reason: string;
  readonly code: "TCB_INFO_MALFORMED" | "QE_IDENTITY_MALFORMED";
  readonly document: "tcbInfoJson" | "qeIdentityJson";
  /** An example of it. */
  readonly edit: Exclude<TextEdit, string>;
  /** Whether a text has it: what excuses a random difference. */
  readonly matches: (text: string) => boolean;
}

const insert = (member: string) => (text: string) => text.replace("{", `{${member},`);

/**
 * Every difference between the contract and `verify` on collateral, each stricter on chain. What a
 * test finds beside these is a bug of one of the two.
 */
export const stricterOnChain: readonly Stricter[] = [
  {
    name: "an escape in the name of a member",
    reason: "two parsers could read one name in two ways; Intel's names have none",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replace('"fmspc"', '"\\u0066mspc"'),
    matches: (text) => text.includes("\\"),
  },
  {
    name: "an escape in a text that is used",
    reason: "the same, for statuses, dates and advisories",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replace('"UpToDate"', '"Up\\u0054oDate"'),
    matches: (text) => text.includes("\\"),
  },
  {
    name: "a number with an exponent",
    reason: "plain digits are what Intel writes; anything else costs code to read",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replace('"version":3', '"version":3e0'),
    matches: (text) => /\d[eE][-+]?\d/.test(text),
  },
  {
    name: "a number with a fraction of zero",
    reason: "the same",
    code: "QE_IDENTITY_MALFORMED",
    document: "qeIdentityJson",
    edit: (text) => text.replace('"version":2', '"version":2.0'),
    matches: (text) => /\d\.\d/.test(text),
  },
  {
    name: "a negative zero",
    reason: "the same",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replace('"tcbType":0', '"tcbType":-0'),
    matches: (text) => /-0\b/.test(text),
  },
  {
    name: "an advisory id of more than 32 bytes",
    reason: "an id is one word on chain; Intel's have 14 bytes",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replaceAll("INTEL-SA-01036", `INTEL-SA-${"0".repeat(30)}1`),
    matches: (text) => /"[^"]{33,}"/.test(text),
  },
  {
    name: "more than 64 levels",
    reason: "bounds what a document can cost; Intel's have at most 20",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => {
      const info = JSON.parse(text);
      const [identity] = info.tdxModuleIdentities;
      const [level] = identity.tcbLevels;
      identity.tcbLevels = Array.from({ length: 65 }, (_, isvsvn) => ({
        ...level,
        tcb: { isvsvn },
      }));
      return JSON.stringify(info);
    },
    matches: (text) => text.split('"tcbStatus"').length > 65,
  },
  {
    name: "a date before 1970 or after 2105",
    reason: "times have 32 bits",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replaceAll('"tcbDate":"2024', '"tcbDate":"1969'),
    matches: (text) => /"(?!19[7-9]|20|210[0-5])\d{4}-\d\d-\d\dT/.test(text),
  },
  {
    name: "an evaluation number of more than 16 bits",
    reason: "numbers grow by two to four a year",
    code: "TCB_INFO_MALFORMED",
    document: "tcbInfoJson",
    edit: (text) => text.replace('DataNumber":20', 'DataNumber":65536'),
    matches: (text) => /DataNumber":\s*\d{5,}/.test(text),
  },
];

/** What the contract accepts and `verify` refuses: only in what neither of them uses. */
export interface Laxer {
  readonly name: string;
  readonly reason: string;
  readonly edit: Exclude<TextEdit, string>;
  /** Whether a text may have it. */
  readonly matches: (text: string) => boolean;
}

/** Intel signs the text; nobody else can write any of this. */
export const laxerOnChain: readonly Laxer[] = [
  {
    name: "a member that is not used, twice",
    reason: "what is not used is passed over, not remembered",
    edit: insert('"extra":1,"extra":2'),
    matches: (text) => /"(extra|added|category|type)":[^,}]*,"\1"/.test(text),
  },
  {
    name: "a number that is none, in a member that is not used",
    reason: "the same: a scalar is passed over by its characters",
    edit: insert('"extra":1e+-'),
    matches: (text) => /"(extra|added)":[^"[{]/.test(text),
  },
  {
    name: "an escape that is none, in a member that is not used",
    reason: "the same: what follows a backslash is passed over",
    edit: insert('"extra":"\\q"'),
    matches: (text) => text.includes("\\"),
  },
  {
    name: "a member that is not used and nests 32 deep",
    reason: "depth counts from the member on, off chain from the document on",
    edit: insert(`"extra":${"[".repeat(32)}${"]".repeat(32)}`),
    matches: (text) => text.includes("[".repeat(30)),
  },
];
