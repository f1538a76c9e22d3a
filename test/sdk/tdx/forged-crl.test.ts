import {
  authorityKeyIdentifier,
  deltaCrlIndicator,
  der,
  extensionOids,
  keyUsage,
  reasonCode,
  withExtension,
  withoutExtension,
} from "../../../sdk/tdx/simulator/index.ts";
import { attacks } from "./support/attacks.ts";
import {
  collateralWithPckCa,
  collateralWithPckCrl,
  collateralWithRootCrl,
} from "./support/forge.ts";
import { simulator, verifySimulated } from "./support/simulated.ts";

const { at, authorities } = simulator;
const platform = simulator.platform();
const genuine = platform.quote();
const mallory = simulator.key("mallory");

const bySerial = (serial: Uint8Array, reason = 1) => ({
  serial,
  revocationDate: at - 100,
  reasonCode: reason,
});

attacks("revocation lists", [
  [
    "a CRL of 129 entries that has the leaf in its midst",
    "PCK_REVOKED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ revokedPck: [platform.serial], pckCrl: { size: 129 } }),
      ),
  ],
  [
    "a CRL of 129 other entries",
    "UpToDate",
    () => verifySimulated(genuine, simulator.collateral({ pckCrl: { size: 129 } })),
  ],
  [
    "the reason removeFromCRL, which means nothing in a full list",
    "PCK_REVOKED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ revokedPck: [bySerial(platform.serial, 8)] }),
      ),
  ],
  [
    "no reason",
    "PCK_REVOKED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ revokedPck: [platform.serial], pckCrl: { reasonCode: null } }),
      ),
  ],
  [
    "a delta CRL",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: [...extensions, deltaCrlIndicator(1)],
        })),
      ),
  ],
  [
    "a delta CRL that does not call itself critical",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: [...extensions, { ...deltaCrlIndicator(1), critical: false }],
        })),
      ),
  ],
  [
    "a list for some certificates only",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: [...extensions, { oid: "2.5.29.28", critical: true, value: der.sequence() }],
        })),
      ),
  ],
  [
    "an entry of another issuer",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl({
          entries: [
            {
              ...bySerial(Uint8Array.of(1)),
              extensions: [{ oid: "2.5.29.29", critical: true, value: der.sequence() }],
            },
          ],
        }),
      ),
  ],
  [
    "a critical reason",
    "UpToDate",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl({
          entries: [
            {
              ...bySerial(Uint8Array.of(1)),
              reasonCode: null,
              extensions: [{ ...reasonCode(1), critical: true }],
            },
          ],
        }),
      ),
  ],
  [
    "no CRL number",
    "CRL_EXTENSION_MISSING",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: withoutExtension(extensions, extensionOids.crlNumber),
        })),
      ),
  ],
  [
    "no authority key identifier",
    "CRL_EXTENSION_MISSING",
    () =>
      verifySimulated(
        genuine,
        collateralWithRootCrl(({ extensions }) => ({
          extensions: withoutExtension(extensions, extensionOids.authorityKeyIdentifier),
        })),
      ),
  ],
  [
    "no next update",
    "CRL_MALFORMED",
    () => verifySimulated(genuine, collateralWithPckCrl({ nextUpdate: null })),
  ],
  [
    "version 1",
    "CRL_MALFORMED",
    () => verifySimulated(genuine, collateralWithPckCrl({ version: 1, extensions: [] })),
  ],
  [
    "signed by the other CA under the right name",
    "CRL_SIGNATURE_INVALID",
    () => verifySimulated(genuine, collateralWithPckCrl({ signer: authorities.processorCa.key })),
  ],
  [
    "the other CA's name",
    "CRL_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl({ issuer: authorities.processorCa.template.subject }),
      ),
  ],
  [
    "another key identifier",
    "CRL_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: withExtension(extensions, authorityKeyIdentifier(new Uint8Array(20))),
        })),
      ),
  ],
  [
    "an issuer that may not sign lists",
    "CRL_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCa(({ extensions }) => ({
          extensions: withExtension(extensions, keyUsage("keyCertSign")),
        })),
      ),
  ],
  [
    "the Processor CA's list for a Platform CA leaf",
    "CRL_ISSUER_MISMATCH",
    () => verifySimulated(genuine, simulator.collateral({ ca: "processor" })),
  ],
  [
    "a list of a second CA with the same name and another key",
    "CRL_ISSUER_MISMATCH",
    () => {
      const { template } = authorities.platformCa;
      const second = { ...template, publicKey: mallory.publicKey };
      const issuer = collateralWithPckCa(second).pck_crl_issuer_chain;
      const { pck_crl } = collateralWithPckCrl({ signer: mallory });
      return verifySimulated(genuine, {
        ...simulator.collateral(),
        pck_crl,
        pck_crl_issuer_chain: issuer,
      });
    },
  ],
]);
