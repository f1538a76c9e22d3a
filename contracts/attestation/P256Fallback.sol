// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title OpenZeppelin's P-256, deployed once: it is large, and needed where there is no precompile
library P256Fallback {
    /// @notice Finds out whether there is a precompile, and verifies in Solidity where there is none.
    function verify(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) public view returns (bool) {
        return P256.verify(digest, r, s, x, y);
    }

    /// @notice Whether (x, y) is a point of the curve.
    function isValidPublicKey(bytes32 x, bytes32 y) public pure returns (bool) {
        return P256.isValidPublicKey(x, y);
    }
}
