// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice How a program chooses the machines it admits.
enum Admission {
    /// No program has this.
    NONE,
    /// Platforms that the owner listed, or that an endorser contract of its choice vouches for.
    LIST,
    /// The owner signs for each worker.
    COSIGN,
    /// Anyone's.
    OPEN
}

/// @notice Where a TD's measurements name the application.
enum ApplicationRegister {
    /// Set by the host: it counts only where the measured OS enforces it.
    MR_CONFIG_ID,
    /// Extended by the OS while it starts the application; approved as its exact value.
    RTMR3
}

/// @notice Why a worker is not valid. Zero: it is.
enum WorkerStatus {
    VALID,
    PROGRAM_UNKNOWN,
    WORKER_UNKNOWN,
    REVOKED,
    /// A certificate, revocation list or document that its record stands on has expired.
    COLLATERAL_EXPIRED,
    /// Its last quote is older than the program accepts.
    ATTESTATION_TOO_OLD,
    TCB_STATUS_NOT_ACCEPTED,
    /// Its TCB status was accepted for a while, which is over.
    TCB_GRACE_PERIOD_OVER,
    TCB_EVALUATION_NUMBER_TOO_LOW,
    SEPT_VE_DISABLE_REQUIRED,
    /// The program refuses advisories that it did not refuse when the worker was judged: `reevaluate`.
    REEVALUATION_NEEDED,
    APPROVAL_WITHDRAWN,
    PLATFORM_REVOKED,
    PLATFORM_NOT_ADMITTED,
    GPU_REQUIRED
}

/**
 * @notice What a program demands of its workers. Whatever widens it waits for the notice in force,
 * whatever narrows it is in force at once.
 */
struct ProgramPolicy {
    /// Bit i: `TcbStatus(i)` is accepted. Neither `Unknown` nor `Revoked` can be.
    uint16 acceptedStatuses;
    /// Bit i: `TcbStatus(i)` is accepted for `gracePeriod` seconds after its TCB info was uploaded.
    uint16 graceStatuses;
    uint32 gracePeriod;
    /// Seconds from a quote until another is needed.
    uint32 maxAge;
    uint16 minTcbEvaluationDataNumber;
    bool requireSeptVeDisable;
    bool requireGpu;
    /// Seconds that widening waits.
    uint32 notice;
    Admission admission;
    /// Under OPEN: whether workers may derive keys, which then are anyone's with such a machine.
    bool deriveUnderOpen;
    /// Under LIST: a contract that vouches for platforms, or zero.
    address endorser;
}

/**
 * @notice Measurements that a program trusts: an OS and an application on it. Each register has 48
 * bytes; `tdAttributes` and `xfam` are compared as they are in the TD report.
 */
struct Measurements {
    bytes8 tdAttributes;
    bytes8 xfam;
    bytes mrTd;
    bytes rtmr0;
    bytes rtmr1;
    bytes rtmr2;
    /// Empty: any TDX module.
    bytes mrSeam;
    /// Empty: no service TD, which is to say zero.
    bytes mrServiceTd;
    ApplicationRegister applicationRegister;
    bytes application;
    /// The OS refuses to start what MRCONFIGID does not name. Nothing but reading its source shows it.
    bool osEnforcesMrConfigId;
    /// The TD may be migrated to another machine. TD attributes with that bit need it.
    bool allowMigratable;
}

/// @notice What a TDX machine asks for at boot.
struct RegistrationRequest {
    bytes32 programId;
    /// The worker's key, made in the TD.
    address identity;
    /// The block whose hash the quote's report data holds.
    uint256 challengeBlock;
    /// Which of the program's approvals the measurements are.
    uint24 approvalId;
    /// The identity's EIP-712 signature `Registration(bytes32 commitment)`. Needed for a first
    /// registration and whenever platform or TCB changed; else empty.
    bytes identitySignature;
    /// Under COSIGN: the owner's EIP-712 signature `Admit(bytes32 programId,address identity,bytes32
    /// platformId,uint256 challengeBlock)`, whenever the platform is new to the worker; else empty.
    bytes ownerSignature;
}

/// @notice A worker as it is kept. What a reader needs is in `status`; this is for auditors.
struct Worker {
    bool isRegistered;
    bool isRevoked;
    uint8 tcbStatus;
    uint8 currentTcbStatus;
    bool septVeDisable;
    uint16 tcbEvaluationDataNumber;
    uint24 approvalId;
    uint40 challengeBlock;
    /// Unix seconds.
    uint32 attestedAt;
    uint32 expiresAt;
    uint32 tcbInfoSince;
    bytes32 platformId;
    bytes32 evidenceDigest;
    /// Root over the GPU evidence that the TD vouched for, or zero.
    bytes32 evidenceRoot;
    /// Until when a verdict on its GPUs stands, or zero.
    uint32 gpuValidUntil;
}
