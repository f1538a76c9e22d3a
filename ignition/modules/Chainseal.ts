import { readFileSync } from "node:fs";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact, Future } from "@nomicfoundation/ignition-core";
import { toFunctionSelector } from "viem";

/** Roles of the AccessManager; ADMIN is 0. */
export const roles = { guardian: 1n, governance: 2n } as const;

/** What the guardian may do, at once: take away, and stop for a while. */
export const guardianFunctions = {
  attestation: ["shortenClock(uint16,uint32)"],
  registry: ["pause()", "revokePlatformForAll(bytes32)", "revokeWorker(bytes32,address)"],
} as const;

/** The longest notice that a program can have: ADMIN's delays are no shorter. Seconds. */
export const LONGEST_NOTICE = 30 * 86_400;

/**
 * A compiled library without its ABI: nobody calls it by one, and Ignition warns of the types that
 * only libraries may have in theirs.
 */
function libraryArtifact(folder: "attestation" | "registry", name: string): Artifact<[]> {
  const file = `../../artifacts/contracts/${folder}/${name}.sol/${name}.json`;
  return { ...JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")), abi: [] };
}

/**
 * The contracts and their roles, on any chain.
 *
 * Roles: the guardian acts at once. Governance appoints guardians, which takes effect after a delay,
 * and dismisses them at once. ADMIN, whose every act waits, may change the roles themselves. The
 * deployer keeps nothing.
 *
 * `rootCertificate` decides what it is: under Intel's root real machines, under any other a
 * development deployment, which says so on chain for ever.
 */
export default buildModule("Chainseal", (m) => {
  const rootCertificate = m.getParameter<string>("rootCertificate");
  const maxChallengeAge = m.getParameter<bigint>("maxChallengeAge", 256n);
  const adminDelay = m.getParameter<number>("adminDelay", LONGEST_NOTICE);
  const admin = m.getParameter<string>("admin");
  const governance = m.getParameter<string>("governance");
  const guardian = m.getParameter<string>("guardian");
  const deployer = m.getAccount(0);

  const library = (folder: "attestation" | "registry", name: string) =>
    m.library(name, libraryArtifact(folder, name));

  const authority = m.contract("AccessManager", [deployer]);
  const attestation = m.contract("TdxAttestation", [rootCertificate, authority], {
    libraries: {
      Certificate: library("attestation", "Certificate"),
      CrlReader: library("attestation", "CrlReader"),
      P256Fallback: library("attestation", "P256Fallback"),
      QeIdentityReader: library("attestation", "QeIdentityReader"),
      TcbInfoReader: library("attestation", "TcbInfoReader"),
    },
  });
  const registry = m.contract("WorkerRegistry", [attestation, authority, maxChallengeAge], {
    libraries: {
      MeasurementsDigest: library("registry", "MeasurementsDigest"),
      ProgramPolicies: library("registry", "ProgramPolicies"),
    },
  });

  // One after another: each needs the deployer to be ADMIN still, and the last ends that.
  let previous: Future = m.call(authority, "labelRole", [roles.guardian, "GUARDIAN"]);
  const next = (name: string, args: NonNullable<Parameters<typeof m.call>[2]>, id: string) => {
    previous = m.call(authority, name, args, { id, after: [previous] });
  };
  next("labelRole", [roles.governance, "GOVERNANCE"], "labelGovernance");
  const targets = { attestation, registry };
  for (const [name, functions] of Object.entries(guardianFunctions)) {
    const target = targets[name as keyof typeof targets];
    const selectors = functions.map((signature) => toFunctionSelector(signature));
    next("setTargetFunctionRole", [target, selectors, roles.guardian], `guard_${name}`);
  }
  next("grantRole", [roles.guardian, guardian, 0], "grantGuardian");
  next("grantRole", [roles.governance, governance, 0], "grantGovernance");
  next("setRoleAdmin", [roles.guardian, roles.governance], "governanceAppointsGuardians");
  for (const [name, role] of Object.entries({ admin: 0n, ...roles })) {
    next("setGrantDelay", [role, adminDelay], `delayGrants_${name}`);
  }
  for (const [name, target] of Object.entries(targets)) {
    next("setTargetAdminDelay", [target, adminDelay], `delayAdmin_${name}`);
  }
  next("grantRole", [0n, admin, adminDelay], "grantAdmin");
  next("renounceRole", [0n, deployer], "deployerKeepsNothing");

  return { authority, attestation, registry };
});
