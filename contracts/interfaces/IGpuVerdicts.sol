// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice Says until when a worker's GPUs are vouched for. It tells the registry by `setGpuValidity`.
interface IGpuVerdicts {
    event GpuVerdictRecorded(bytes32 indexed programId, address indexed identity, bytes32 evidenceRoot, uint32 validUntil);

    /// @return validUntil Unix seconds; zero without a verdict.
    function validUntilOf(bytes32 programId, address identity) external view returns (uint32 validUntil);
}
