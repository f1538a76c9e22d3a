// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice Who may write a shard's state: one live worker at a time, under a token that only grows.
interface ILeases {
    event LeaseAcquired(
        bytes32 indexed programId, uint32 indexed shard, address indexed holder, uint64 token, uint256 until
    );
    event LeaseEnded(bytes32 indexed programId, uint32 indexed shard, address indexed holder, uint64 token);

    /// @return holder Zero: nobody.
    /// @return token The fencing token.
    /// @return until Unix seconds.
    function leaseOf(bytes32 programId, uint32 shard)
        external
        view
        returns (address holder, uint64 token, uint256 until);
}
