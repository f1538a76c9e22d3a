// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice Vouches for machines in a program's stead. Asked when a worker is registered, attested or reevaluated.
interface IPlatformEndorser {
    /// @param platformId keccak256 of the machine's PPID.
    function isEndorsed(bytes32 programId, bytes32 platformId) external view returns (bool);
}
