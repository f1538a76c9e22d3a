// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {PckLeaf, TcbClaims, TdxEvidence, TdxVerdict} from "../attestation/TdxTypes.sol";
import {ITdxAttestationErrors} from "./ITdxAttestationErrors.sol";

/**
 * @title Collateral that anyone uploads, and TDX quotes judged by it
 *
 * @notice Every upload is checked: signature over the exact bytes, issuer, period, and that it is
 * newer than what is there. Nobody is trusted, and nobody can put back an older state.
 */
interface ITdxAttestation is ITdxAttestationErrors {
    /// @notice A PCK CA or TCB signer, or a newer certificate of one.
    event IssuerUploaded(bytes32 indexed issuerId, bool isPckCa, uint160 serial, uint256 notAfter);
    event CrlUploaded(bytes32 indexed issuerId, uint256 thisUpdate, uint256 nextUpdate, uint256 revoked);
    event TcbInfoUploaded(bytes6 indexed fmspc, uint16 indexed number, uint256 issueDate, uint256 nextUpdate, bool levelsChanged);
    event QeIdentityUploaded(uint16 indexed number, uint256 issueDate, uint256 nextUpdate);
    event PckCertificateCached(
        bytes32 indexed tbsHash, bytes32 indexed issuerId, bytes32 indexed platformId, uint256 notAfter
    );
    /// @notice From `minimumFrom` on, no lower evaluation number is accepted.
    event TcbEvaluationNumberSeen(uint16 indexed number, uint256 minimumFrom);
    event ClockShortened(uint16 indexed number, uint256 minimumFrom);
    /// @notice A deployment under a root that is not Intel's: its quotes come from a simulator.
    event DevelopmentRoot(bytes32 fingerprint);

    /// @notice A PCK CA or TCB signer whose certificate the root signed.
    struct Issuer {
        bytes32 x;
        bytes32 y;
        /// keccak256 over subject name and subject key identifier.
        bytes32 nameAndKeyId;
        uint160 serial;
        uint32 notBefore;
        uint32 notAfter;
        bool isPckCa;
    }

    /// @notice The revocation list in force of one issuer. Zero `validUntil`: there is none.
    struct Crl {
        uint32 thisUpdate;
        uint32 validUntil;
        uint32 revokedCount;
        uint8 bucketBits;
    }

    /// @notice A TCB info or QE identity; `data` holds what was decoded. Zero `data`: there is none.
    struct Document {
        address data;
        uint32 issueDate;
        /// The first of its own next update and the end of its signer and root.
        uint32 validUntil;
        /// TCB info: since when these levels are known here. QE identity: when its number is superseded, or zero.
        uint32 since;
    }

    // Uploads. Anyone may call them; no role or pause stops them.

    function uploadPckCa(bytes calldata certificate) external returns (bytes32 issuerId);
    function uploadTcbSigner(bytes calldata certificate) external returns (bytes32 issuerId);
    function uploadCrl(bytes calldata crl, bytes32 issuerId) external;
    function stageCrl(bytes calldata crl, bytes32 issuerId, uint256 maxBuckets) external returns (uint256 missing);
    function uploadTcbInfo(bytes calldata tcbInfo, bytes32 r, bytes32 s, bytes32 signerId) external;
    function uploadQeIdentity(bytes calldata qeIdentity, bytes32 r, bytes32 s, bytes32 signerId) external;
    function cachePckCertificate(bytes calldata certificate, bytes32 issuerId) external returns (PckLeaf memory leaf);

    /// @notice The guardian may have a number become the minimum sooner, never later.
    function shortenClock(uint16 number, uint32 minimumFrom) external;

    // Verdicts

    function verifyQuote(TdxEvidence calldata evidence) external view returns (TdxVerdict memory);
    function evaluateTcb(PckLeaf calldata leaf, TcbClaims calldata claims, uint16 tcbInfoNumber, uint16 qeIdentityNumber)
        external
        view
        returns (TdxVerdict memory);

    // What the chain has

    function rootId() external view returns (bytes32);
    function rootFingerprint() external view returns (bytes32);
    function isIntelRoot() external view returns (bool);
    function issuerOf(bytes32 issuerId) external view returns (Issuer memory);
    function crlOf(bytes32 issuerId) external view returns (Crl memory);
    function isRevoked(bytes32 issuerId, uint160 serial) external view returns (bool);
    function tcbInfoOf(bytes6 fmspc, uint16 number) external view returns (Document memory);
    function qeIdentityOf(uint16 number) external view returns (Document memory);
    function pckCertificateOf(bytes32 tbsHash)
        external
        view
        returns (bytes20 digest, uint32 notAfter, uint32 clearedBy);
    function evaluationNumbers() external view returns (uint16[] memory);
    function minimumFromOf(uint16 number) external view returns (uint32);
    function minimumEvaluationNumber() external view returns (uint16);
}
