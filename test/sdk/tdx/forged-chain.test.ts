import {
  authorityKeyIdentifier,
  basicConstraints,
  createSimulator,
  der,
  issueCertificate,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
  toPemChain,
  withExtension,
} from "../../../sdk/tdx/simulator/index.ts";
import { attacks } from "./support/attacks.ts";
import { quoteWithPck, quoteWithPckCa } from "./support/forge.ts";
import { simulator, verifySimulated } from "./support/simulated.ts";

const { authorities } = simulator;
const platform = simulator.platform();
const mallory = simulator.key("mallory");

function forgedChain(): unknown {
  // Every name, serial and key identifier is the genuine one; only the key behind is not.
  const pckKey = simulator.key("mallory's PCK");
  const ca = issueCertificate({
    ...authorities.platformCa.template,
    publicKey: mallory.publicKey,
    signer: mallory,
  });
  const leaf = issueCertificate({
    ...platform.template,
    publicKey: pckKey.publicKey,
    signer: mallory,
  });
  return verifySimulated(
    platform.quote({ pckKey, pckChainPem: toPemChain(leaf, ca, simulator.rootCertificate) }),
  );
}

function leafAsCa(): unknown {
  // A genuine PCK key signs a certificate for another machine.
  const pckKey = simulator.key("mallory's PCK");
  const leaf = issueCertificate({
    ...platform.template,
    issuer: platform.template.subject,
    publicKey: pckKey.publicKey,
    signer: platform.pckKey,
    extensions: withExtension(
      platform.template.extensions,
      authorityKeyIdentifier(keyIdentifier(platform.pckKey)),
    ),
  });
  const chain = toPemChain(leaf, platform.pckCertificate, simulator.rootCertificate);
  return verifySimulated(platform.quote({ pckKey, pckChainPem: chain }));
}

attacks("forged PCK chains", [
  [
    "an intermediate with matching names and key ids, not signed by the root",
    "CERTIFICATE_SIGNATURE_INVALID",
    forgedChain,
  ],
  ["a PCK certificate used as a CA", "CERTIFICATE_SUBJECT_UNEXPECTED", leafAsCa],
  [
    "an intermediate without cA",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        quoteWithPckCa(({ extensions }) => ({
          extensions: withExtension(extensions, basicConstraints({ ca: false })),
        })),
      ),
  ],
  [
    "an intermediate that may not sign certificates",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        quoteWithPckCa(({ extensions }) => ({
          extensions: withExtension(extensions, keyUsage("crlSign")),
        })),
      ),
  ],
  [
    "a PCK certificate that is a CA",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: withExtension(extensions, basicConstraints({ ca: true })),
        })),
      ),
  ],
  [
    "the TCB signing certificate used as a PCK certificate",
    "CERTIFICATE_SUBJECT_UNEXPECTED",
    () =>
      verifySimulated(
        platform.quote({
          pckKey: authorities.tcbSigner.key,
          pckChainPem: toPemChain(
            authorities.tcbSigner.certificate,
            authorities.platformCa.certificate,
            simulator.rootCertificate,
          ),
        }),
      ),
  ],
  [
    "another authority key identifier",
    "CERTIFICATE_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: withExtension(extensions, authorityKeyIdentifier(new Uint8Array(20))),
        })),
      ),
  ],
  [
    "another root with the same names",
    "ROOT_UNTRUSTED",
    () => verifySimulated(createSimulator({ seed: "another" }).platform().quote()),
  ],
  [
    "the root's own key in another certificate",
    "ROOT_UNTRUSTED",
    () => {
      const twin = issueCertificate({ ...authorities.root.template, serial: Uint8Array.of(1) });
      const chain = toPemChain(platform.pckCertificate, authorities.platformCa.certificate, twin);
      return verifySimulated(platform.quote({ pckChainPem: chain }));
    },
  ],
  [
    "an extension twice",
    "CERTIFICATE_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: [...extensions, subjectKeyIdentifier(new Uint8Array(20))],
        })),
      ),
  ],
  [
    "an encoded default value of critical",
    "CERTIFICATE_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: [
            ...extensions,
            der.sequence(
              der.objectIdentifier("1.2.3.4"),
              der.boolean(false),
              der.octetString(new Uint8Array(1)),
            ),
          ],
        })),
      ),
  ],
  [
    "bytes after the certificate",
    "CERTIFICATE_MALFORMED",
    () => verifySimulated(quoteWithPck({ edit: (bytes) => Uint8Array.of(...bytes, 0) })),
  ],
  [
    "a length that is not in its shortest form",
    "CERTIFICATE_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck({
          // SEQUENCE with a length of two bytes, written with three.
          edit: (bytes) => Uint8Array.of(0x30, 0x83, 0, ...bytes.subarray(2)),
        }),
      ),
  ],
]);
