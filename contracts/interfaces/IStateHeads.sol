// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice The newest sealed state of each shard, as the holder of its lease committed it.
interface IStateHeads {
    event HeadCommitted(
        bytes32 indexed programId, uint32 indexed shard, uint64 sequence, uint32 epoch, bytes32 digest
    );

    /// @return sequence Grows by one with each commit; zero: none yet.
    /// @return epoch The key epoch it is sealed to.
    /// @return digest SHA-256 over header, manifest root and chunk tags.
    function headOf(bytes32 programId, uint32 shard)
        external
        view
        returns (uint64 sequence, uint32 epoch, bytes32 digest);
}
