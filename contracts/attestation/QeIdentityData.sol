// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {LevelVerdict} from "./LevelVerdict.sol";
import {Memory} from "./Memory.sol";
import {TcbClaims} from "./TdxTypes.sol";

/**
 * @title A QE identity as it is kept: what `QeIdentityReader` wrote, and how an enclave is matched with it
 *
 * | offset | length | field                                                          |
 * | -----: | -----: | -------------------------------------------------------------- |
 * |      0 |     32 | id of the TCB signer                                           |
 * |     32 |      4 | MISCSELECT                                                     |
 * |     36 |      4 | its mask                                                       |
 * |     40 |     16 | ATTRIBUTES                                                     |
 * |     56 |     16 | their mask                                                     |
 * |     72 |     32 | MRSIGNER                                                       |
 * |    104 |      2 | ISVPRODID                                                      |
 * |    106 |      1 | count of levels, then for each, the highest first              |
 * |        |        |   ISV SVN (2 bytes), `LevelVerdict`                             |
 * |        |      1 | count of advisories, then for each its length (1) and its text |
 */
library QeIdentityData {
    uint256 private constant _LEVELS = 106;

    /// @param code The code that keeps it, with one byte before the data.
    /// @return ptr Where the data begins.
    function open(bytes memory code) internal pure returns (uint256 ptr) {
        return Memory.start(code) + 1;
    }

    function signerId(uint256 ptr) internal pure returns (bytes32) {
        return bytes32(Memory.word(ptr));
    }

    /// @notice Refuses an enclave that is not Intel's TD quoting enclave (QVL 4.1.2.9.5 to .8).
    function check(uint256 ptr, TcbClaims memory claims) internal pure {
        bytes32 word = bytes32(Memory.word(ptr + 32));
        bytes4 miscSelect = bytes4(word);
        if (claims.qeMiscSelect & bytes4(word << 32) != miscSelect) {
            revert ITdxAttestationErrors.QeMiscselectMismatch(miscSelect, claims.qeMiscSelect);
        }
        word = bytes32(Memory.word(ptr + 40));
        bytes16 attributes = bytes16(word);
        if (claims.qeAttributes & bytes16(word << 128) != attributes) {
            revert ITdxAttestationErrors.QeAttributesMismatch(attributes, claims.qeAttributes);
        }
        word = bytes32(Memory.word(ptr + 72));
        if (claims.qeMrSigner != word) revert ITdxAttestationErrors.QeMrsignerMismatch(word, claims.qeMrSigner);
        uint16 isvProdId = uint16(Memory.word(ptr + 104) >> 240);
        if (claims.qeIsvProdId != isvProdId) {
            revert ITdxAttestationErrors.QeIsvprodidMismatch(isvProdId, claims.qeIsvProdId);
        }
    }

    /// @notice The highest level that the quoting enclave reaches.
    function matchLevel(uint256 ptr, uint16 isvSvn) internal pure returns (LevelVerdict.Verdict memory) {
        unchecked {
            uint256 cursor = ptr + _LEVELS;
            uint256 count = Memory.word(cursor++) >> 248;
            for (; count > 0; --count) {
                if (isvSvn >= Memory.word(cursor) >> 240) return LevelVerdict.read(cursor + 2);
                cursor += 2 + LevelVerdict.lengthAt(cursor + 2);
            }
        }
        revert ITdxAttestationErrors.QeTcbNotSupported(isvSvn);
    }

    /// @dev Advisories of a set, behind those already known.
    function expandAdvisories(uint256 ptr, uint256 set, bytes32[] memory known)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (set == 0) return known;
        unchecked {
            uint256 cursor = ptr + _LEVELS;
            uint256 count = Memory.word(cursor++) >> 248;
            for (; count > 0; --count) cursor += 2 + LevelVerdict.lengthAt(cursor + 2);
            return LevelVerdict.expand(cursor, set, known);
        }
    }
}
