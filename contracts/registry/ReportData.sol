// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/**
 * @title What a TD puts into the first half of its report data
 *
 * @notice It binds a quote to one role, chain, registry, program, key and moment, so that no quote
 * serves for another. The second half is the root over GPU evidence, or zero.
 */
library ReportData {
    bytes32 private constant _DOMAIN = keccak256("Chainseal TDX report data, version 1");

    /// @notice Roles in which a TD attests.
    uint8 internal constant WORKER = 1;
    uint8 internal constant KEEPER = 2;

    /// @param transportKeyHash keccak256 of a session's transport key; zero for workers.
    /// @param session Zero for workers.
    /// @param challengeHash The hash of the challenge block.
    function commitment(
        uint8 role,
        address registry,
        bytes32 programId,
        address identity,
        bytes32 transportKeyHash,
        bytes32 session,
        uint256 challengeBlock,
        bytes32 challengeHash
    ) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                _DOMAIN,
                role,
                block.chainid,
                registry,
                programId,
                identity,
                transportKeyHash,
                session,
                challengeBlock,
                challengeHash
            )
        );
    }
}
