// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../../../contracts/interfaces/ITdxAttestation.sol";

/// @notice What is wrong with a store.
enum Defect {
    NONE,
    TAKES_UNSIGNED_ISSUERS,
    TAKES_OLDER_DOCUMENTS,
    FORGETS_REVOCATION,
    RESTARTS_CLOCKS
}

/**
 * @title The store with one defect, to show that the invariants notice it
 * @notice Runs the store's code on its own storage, and before or after it does what a store with the
 * defect would have done. Slots are those of `TdxAttestation`.
 */
contract BrokenStore {
    address private immutable _CODE;
    Defect private immutable _DEFECT;

    uint256 private constant _CRLS = 0;
    uint256 private constant _MINIMUM_FROM = 5;
    uint256 private constant _TCB_INFOS = 6;

    constructor(address code, Defect defect) {
        _CODE = code;
        _DEFECT = defect;
    }

    fallback(bytes calldata data) external returns (bytes memory answer) {
        bytes4 selector = bytes4(data);
        if (selector == ITdxAttestation.uploadTcbInfo.selector && _DEFECT == Defect.TAKES_OLDER_DOCUMENTS) {
            _forgetDates(data);
        }
        bool ok;
        (ok, answer) = _CODE.delegatecall(data);
        if (selector == ITdxAttestation.uploadTcbSigner.selector && _DEFECT == Defect.TAKES_UNSIGNED_ISSUERS) {
            return abi.encode(bytes32(0));
        }
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        if (selector == ITdxAttestation.uploadCrl.selector && _DEFECT == Defect.FORGETS_REVOCATION) {
            (, bytes32 issuerId) = abi.decode(data[4:], (bytes, bytes32));
            _forgetRevoked(issuerId);
        }
        if (selector == ITdxAttestation.uploadQeIdentity.selector && _DEFECT == Defect.RESTARTS_CLOCKS) {
            _restartClocks();
        }
    }

    /// @dev Issue dates of all TCB infos of the fixtures' platform.
    function _forgetDates(bytes calldata) private {
        bytes32 ofPlatform = keccak256(abi.encode(bytes6(0xc5ea1d000000), _TCB_INFOS));
        for (uint256 number = 19; number < 22; ++number) {
            bytes32 slot = keccak256(abi.encode(number, ofPlatform));
            assembly ("memory-safe") {
                // Behind the address, four bytes.
                sstore(slot, and(sload(slot), not(shl(160, 0xffffffff))))
            }
        }
    }

    /// @dev `revokedCount`, the third number of four bytes.
    function _forgetRevoked(bytes32 issuerId) private {
        bytes32 slot = keccak256(abi.encode(issuerId, _CRLS));
        assembly ("memory-safe") {
            sstore(slot, and(sload(slot), not(shl(64, 0xffffffff))))
        }
    }

    /// @dev Those that have run out.
    function _restartClocks() private {
        for (uint256 number = 19; number < 22; ++number) {
            bytes32 slot = keccak256(abi.encode(number, _MINIMUM_FROM));
            assembly ("memory-safe") {
                if and(gt(sload(slot), 0), lt(sload(slot), timestamp())) {
                    sstore(slot, add(timestamp(), 2592000))
                }
            }
        }
    }
}
