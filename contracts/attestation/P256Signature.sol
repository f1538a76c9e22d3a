// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {P256Fallback} from "./P256Fallback.sol";

/**
 * @title ECDSA P-256 signatures as Intel makes them (FIPS 186-5, section 6.4.2)
 *
 * @notice Verifies by the precompile at 0x100 where the chain has it (EIP-7951, RIP-7212), else in
 * Solidity, through OpenZeppelin's library.
 *
 * That library refuses signatures with a high s, to keep one message from having two signatures.
 * Half of Intel's have one: s and N - s are equally valid and neither is canonical here. So s is
 * brought to its low form first. For that reason nothing may be identified by a signature or by a
 * hash over one.
 */
library P256Signature {
    uint256 private constant _HALF_N = P256.N / 2;
    address private constant _PRECOMPILE = address(0x100);

    /**
     * @notice Whether (r, s) signs `digest` under the key (x, y).
     * @dev False for r or s outside of 1 to N - 1, and for a key that is not a point of the curve.
     * @param digest SHA-256 of the signed bytes.
     */
    function isValid(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool) {
        uint256 scalar = uint256(s);
        if (scalar > _HALF_N) {
            // N - s of an s that is too large would wrap around into one that is not.
            if (scalar >= P256.N) return false;
            s = bytes32(P256.N - scalar);
        }
        bool isSigned;
        address precompile = _PRECOMPILE;
        // In assembly, as this is half of what a quote costs.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, digest)
            mstore(add(ptr, 32), r)
            mstore(add(ptr, 64), s)
            mstore(add(ptr, 96), x)
            mstore(add(ptr, 128), y)
            isSigned := staticcall(gas(), precompile, ptr, 160, 0, 32)
            isSigned := and(and(isSigned, eq(returndatasize(), 32)), eq(mload(0), 1))
        }
        if (isSigned) return true;
        // Nothing is the answer for an invalid signature, and also of a chain without the precompile.
        return P256Fallback.verify(digest, r, s, x, y);
    }
}
