// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/**
 * @notice Statuses of a TCB (Intel PCS v4 API, TCB Info V3; the last two come of TD 1.5 relaunch).
 * @dev Zero is no status, so that a word that nobody wrote never reads as a good one.
 */
enum TcbStatus {
    Unknown,
    UpToDate,
    SWHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSWHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    Revoked,
    TDRelaunchAdvised,
    TDRelaunchAdvisedConfigurationNeeded
}

/// @notice The parts that a verdict stands on, as errors and events name them.
enum Part {
    ROOT,
    PCK_CA,
    TCB_SIGNER,
    PCK_CERTIFICATE,
    ROOT_CRL,
    PCK_CRL,
    TCB_INFO,
    QE_IDENTITY
}

/**
 * @notice What a verified PCK certificate says of its platform.
 * @dev The chain keeps 20 bytes of a hash over it; whoever refers to a certificate brings it along.
 */
struct PckLeaf {
    /// keccak256 of the signed part (TBS). The rest of a certificate is malleable.
    bytes32 tbsHash;
    /// The PCK CA that signed it.
    bytes32 issuerId;
    /// The certificate's public key.
    bytes32 x;
    bytes32 y;
    /// keccak256 of the 16-byte PPID: the same for every PCK certificate of one machine.
    bytes32 platformId;
    /// SVNs of the 16 SGX TCB components.
    bytes16 sgxTcbComponents;
    uint16 pceSvn;
    bytes6 fmspc;
    bytes2 pceId;
    uint160 serial;
    /// Unix seconds, included.
    uint32 notAfter;
}

/**
 * @notice All that a transaction carries to have a TDX quote verified.
 * @dev `quote` is compact, see `TdxQuote`. TCB info and QE identity are chosen by their numbers,
 * each of which is held against the minimum number in force.
 */
struct TdxEvidence {
    bytes quote;
    PckLeaf leaf;
    uint16 tcbInfoNumber;
    uint16 qeIdentityNumber;
}

/**
 * @notice What of a verified quote the TCB is judged by: with it, `evaluateTcb` judges a platform
 * anew under newer collateral, without the quote.
 */
struct TcbClaims {
    /// SVNs of the TDX module when the TD was started.
    bytes16 teeTcbSvn;
    /// SVNs of the TDX module now; equal to `teeTcbSvn` for TD 1.0.
    bytes16 teeTcbSvn2;
    /// MRSIGNERSEAM, 48 bytes, and SEAMATTRIBUTES.
    bytes32 mrSignerSeamHigh;
    bytes16 mrSignerSeamLow;
    bytes8 seamAttributes;
    /// Of the QE report.
    bytes4 qeMiscSelect;
    bytes16 qeAttributes;
    bytes32 qeMrSigner;
    uint16 qeIsvProdId;
    uint16 qeIsvSvn;
}

/// @notice The answer on a quote whose evidence holds, as Intel's library (QVL) gives it.
struct TdxVerdict {
    /// Intel's status: that of the launch, or a relaunch status. A DEBUG TD gets one too.
    TcbStatus status;
    /// Status of the TCB now. A policy should refuse `Revoked` here whatever `status` says.
    TcbStatus currentStatus;
    /// Dates of the TCB at launch and now, Unix seconds: all issues known by then are fixed.
    uint32 tcbDate;
    uint32 currentTcbDate;
    /// When the first certificate, CRL or document that the verdict stands on expires.
    uint32 expiresAt;
    /// When a higher evaluation number becomes the minimum; zero while none is known.
    uint32 supersededAt;
    /// Since when the chain has had these TCB levels: grace periods count from here.
    uint32 tcbInfoSince;
    /// The lower of the two numbers judged at.
    uint16 tcbEvaluationDataNumber;
    /// What was judged, certificate and claims: with it a record knows what it may be judged by again.
    bytes32 evidenceDigest;
    /// Advisories that concern this TCB at launch or now, each once, in no order.
    bytes32[] advisoryIds;
}
