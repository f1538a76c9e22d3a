import {
  der,
  extensionOids,
  type PlatformOptions,
  sgxFieldOids,
  tcbComponentOid,
  withoutExtension,
} from "../../../sdk/tdx/simulator/index.ts";
import { attacks } from "./support/attacks.ts";
import { quoteWithPck } from "./support/forge.ts";
import { simulator, verifySimulated } from "./support/simulated.ts";

function withFields(changes: PlatformOptions): () => unknown {
  return () => verifySimulated(simulator.platform(changes).quote());
}

attacks("the SGX extension of the PCK certificate", [
  [
    "a PPID of 15 bytes",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editSgxFields: (f) =>
        f.map((x) =>
          x.oid === sgxFieldOids.ppid ? { ...x, value: der.octetString(new Uint8Array(15)) } : x,
        ),
    }),
  ],
  [
    "no FMSPC",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editSgxFields: (f) => f.filter((x) => x.oid !== sgxFieldOids.fmspc) }),
  ],
  [
    "the FMSPC twice",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editSgxFields: (f) => [...f, ...f.filter((x) => x.oid === sgxFieldOids.fmspc)] }),
  ],
  [
    "an unknown field",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editSgxFields: (f) => [...f, { oid: `${extensionOids.sgx}.8`, value: der.boolean(true) }],
    }),
  ],
  [
    "no PCE id",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editSgxFields: (f) => f.filter((x) => x.oid !== sgxFieldOids.pceId) }),
  ],
  [
    "no component 16",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editTcbFields: (f) => f.filter((x) => x.oid !== tcbComponentOid(16)) }),
  ],
  [
    "component 16 twice",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editTcbFields: (f) => [...f, ...f.filter((x) => x.oid === tcbComponentOid(16))] }),
  ],
  [
    "a component of 256",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) => (x.oid === tcbComponentOid(1) ? { ...x, value: der.integer(256) } : x)),
    }),
  ],
  [
    "a negative component",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) =>
          x.oid === tcbComponentOid(1) ? { ...x, value: der.element(2, Uint8Array.of(0xff)) } : x,
        ),
    }),
  ],
  [
    "a component with a leading zero byte",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) =>
          x.oid === tcbComponentOid(1) ? { ...x, value: der.element(2, Uint8Array.of(0, 3)) } : x,
        ),
    }),
  ],
  [
    "a PCE SVN of 65,536",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) => (x.oid === sgxFieldOids.pceSvn ? { ...x, value: der.integer(65_536) } : x)),
    }),
  ],
  ["an unknown SGX type", "PCK_EXTENSION_MALFORMED", withFields({ sgxType: 3 })],
  [
    "the fields in another order",
    "UpToDate",
    withFields({ editSgxFields: (f) => f.toReversed(), editTcbFields: (f) => f.toReversed() }),
  ],
  [
    "a Processor CA leaf, which has fewer fields",
    "UpToDate",
    () =>
      verifySimulated(
        simulator.platform({ ca: "processor" }).quote(),
        simulator.collateral({ ca: "processor" }),
      ),
  ],
  [
    "no SGX extension at all",
    "PCK_EXTENSION_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: withoutExtension(extensions, extensionOids.sgx),
        })),
      ),
  ],
]);
