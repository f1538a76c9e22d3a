// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {P256Signature} from "../../../contracts/attestation/P256Signature.sol";

/// @title Makes the library callable from tests
contract P256SignatureHarness {
    function isValid(bytes calldata message, bytes32 r, bytes32 s, bytes32 x, bytes32 y) external view returns (bool) {
        return P256Signature.isValid(sha256(message), r, s, x, y);
    }
}
