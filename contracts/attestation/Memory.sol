// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Words of memory at an address, for the parsers: they bound every address they read
library Memory {
    /// @dev 32 bytes from `at` on, big-endian.
    function word(uint256 ptr) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(ptr)
        }
    }

    /// @dev The address of the first byte of `data`.
    function start(bytes memory data) internal pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := add(data, 32)
        }
    }

    function hash(uint256 ptr, uint256 length) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            digest := keccak256(ptr, length)
        }
    }

    /// @dev A copy, for errors and for what outlives the parser.
    function copy(uint256 ptr, uint256 length) internal pure returns (bytes memory data) {
        data = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(data, 32), ptr, length)
        }
    }

    /// @dev SHA-256 (FIPS 180-4) of a stretch of memory, by the precompile at address 2.
    function sha256Of(uint256 ptr, uint256 length) internal view returns (bytes32 digest) {
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 2, ptr, length, 0, 32)
            ok := and(ok, eq(returndatasize(), 32))
            digest := mload(0)
        }
        // The precompile fails for want of gas only.
        require(ok);
    }
}
