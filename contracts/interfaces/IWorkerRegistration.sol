// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {PckLeaf, TcbClaims, TdxEvidence} from "../attestation/TdxTypes.sol";
import {RegistrationRequest, Worker} from "../registry/RegistryTypes.sol";

/// @title How machines become workers, and stop being ones
interface IWorkerRegistration {
    event WorkerRegistered(
        bytes32 indexed programId,
        address indexed identity,
        bytes32 indexed platformId,
        uint24 approvalId,
        uint40 challengeBlock,
        uint32 expiresAt,
        uint8 tcbStatus,
        bytes32 evidenceRoot
    );
    event WorkerReevaluated(
        bytes32 indexed programId, address indexed identity, uint32 expiresAt, uint8 tcbStatus, uint16 number
    );
    event WorkerRevoked(bytes32 indexed programId, address indexed identity, address by);
    /// @notice A PCK certificate was revoked: the worker is not valid until it attests with another.
    event WorkerPckRevoked(bytes32 indexed programId, address indexed identity);
    event GpuValidityChanged(bytes32 indexed programId, address indexed identity, uint32 validUntil);
    event Paused(address by, uint256 until);
    event DevelopmentDeployment(bytes32 rootFingerprint);

    /// @notice Registers a worker or attests one again. `pckCertificate`: DER, where the attestation
    /// contract does not know it yet; else empty.
    function register(
        RegistrationRequest calldata request,
        TdxEvidence calldata evidence,
        bytes calldata pckCertificate
    ) external;

    /// @notice Judges a worker again under newer collateral, without a quote. Anyone may.
    function reevaluate(
        bytes32 programId,
        address identity,
        PckLeaf calldata leaf,
        TcbClaims calldata claims,
        uint16 tcbInfoNumber,
        uint16 qeIdentityNumber
    ) external;

    /// @notice By the worker itself, the program's owner, or the guardian. For ever.
    function revokeWorker(bytes32 programId, address identity) external;

    /// @notice Reverts unless a fresh quote binds a session's transport key to a valid worker: for keepers.
    function verifySession(
        RegistrationRequest calldata request,
        bytes32 transportKeyHash,
        bytes32 session,
        TdxEvidence calldata evidence
    ) external view;

    function pause() external;
    function setGpuVerdicts(address gpuVerdicts) external;
    function setGpuValidity(bytes32 programId, address identity, uint32 validUntil) external;

    function workerOf(bytes32 programId, address identity) external view returns (Worker memory);
    function pausedUntil() external view returns (uint256);
    function isDevelopment() external view returns (bool);
}
