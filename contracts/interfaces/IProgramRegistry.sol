// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Measurements, ProgramPolicy} from "../registry/RegistryTypes.sol";

/**
 * @title Programs: who owns them, which code they trust, on which machines
 *
 * @notice What widens waits for the notice in force and can be seen by everyone meanwhile; what narrows
 * is immediate.
 */
interface IProgramRegistry {
    event ProgramCreated(bytes32 indexed programId, address indexed owner, bytes32 salt, ProgramPolicy policy);
    /// @notice In force now.
    event PolicyChanged(bytes32 indexed programId, ProgramPolicy policy);
    /// @notice In force from `from` on, once someone calls `applyPolicy`.
    event PolicyProposed(bytes32 indexed programId, ProgramPolicy policy, uint256 from);
    event PolicyProposalDropped(bytes32 indexed programId);
    event OwnershipProposed(bytes32 indexed programId, address indexed newOwner, uint256 from);
    event OwnershipTransferred(bytes32 indexed programId, address indexed previousOwner, address indexed newOwner);
    event AdvisoryRefused(bytes32 indexed programId, bytes32 indexed advisoryId);
    event AdvisoryAccepted(bytes32 indexed programId, bytes32 indexed advisoryId, uint256 from);
    event MeasurementsApproved(
        bytes32 indexed programId, uint24 indexed approvalId, Measurements measurements, uint256 from
    );
    event ApprovalWithdrawn(bytes32 indexed programId, uint24 indexed approvalId);
    event PlatformListed(bytes32 indexed programId, bytes32 indexed platformId, uint256 from);
    event PlatformDelisted(bytes32 indexed programId, bytes32 indexed platformId);
    event PlatformRevokedByProgram(bytes32 indexed programId, bytes32 indexed platformId);
    event PlatformRevokedForAll(bytes32 indexed platformId);

    /// @notice An approval as it is kept. Zero `approvedFrom`: there is none.
    struct Approval {
        bytes20 digest;
        uint40 approvedFrom;
        bool isWithdrawn;
        /// Which parts of a TD report the digest is over.
        uint8 form;
    }

    /// @notice What one program knows of one platform.
    struct Platform {
        /// From when it is listed; zero: it is not.
        uint40 listedFrom;
        bool isRevoked;
    }

    /// @notice `keccak256(abi.encode(chainId, creator, salt))`; the same for whoever asks.
    function programIdOf(address creator, bytes32 salt) external view returns (bytes32);

    /// @notice Creates a program. Nobody relies on it yet, so its first approvals and platforms wait for nothing.
    function createProgram(
        bytes32 salt,
        ProgramPolicy calldata policy,
        Measurements[] calldata measurements,
        bytes32[] calldata platformIds
    ) external returns (bytes32 programId);

    function setPolicy(bytes32 programId, ProgramPolicy calldata policy) external;
    function applyPolicy(bytes32 programId) external;
    function refuseAdvisory(bytes32 programId, bytes32 advisoryId) external;
    function acceptAdvisory(bytes32 programId, bytes32 advisoryId) external;
    function proposeOwner(bytes32 programId, address newOwner) external;
    function acceptOwnership(bytes32 programId) external;

    function approve(bytes32 programId, Measurements calldata measurements) external returns (uint24 approvalId);
    function withdraw(bytes32 programId, uint24 approvalId) external;

    function listPlatforms(bytes32 programId, bytes32[] calldata platformIds) external;
    function delistPlatform(bytes32 programId, bytes32 platformId) external;
    function revokePlatform(bytes32 programId, bytes32 platformId) external;
    /// @notice The guardian's, for every program, for ever.
    function revokePlatformForAll(bytes32 platformId) external;

    function ownerOf(bytes32 programId) external view returns (address);
    function policyOf(bytes32 programId) external view returns (ProgramPolicy memory);
    function pendingPolicyOf(bytes32 programId) external view returns (ProgramPolicy memory policy, uint256 from);
    function pendingOwnerOf(bytes32 programId) external view returns (address newOwner, uint256 from);
    function approvalOf(bytes32 programId, uint24 approvalId) external view returns (Approval memory);
    function approvalCount(bytes32 programId) external view returns (uint24);
    function platformOf(bytes32 programId, bytes32 platformId) external view returns (Platform memory);
    function isPlatformRevokedForAll(bytes32 platformId) external view returns (bool);
    function isAdvisoryRefused(bytes32 programId, bytes32 advisoryId) external view returns (bool);
}
