// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Memory} from "./Memory.sol";
import {TcbStatus} from "./TdxTypes.sol";

/**
 * @title What a kept TCB level says, as `LevelList.encodeVerdict` wrote it
 *
 * | offset | length | field                                       |
 * | -----: | -----: | ------------------------------------------- |
 * |      0 |      1 | status                                      |
 * |      1 |      4 | TCB date, Unix seconds                      |
 * |      5 |      1 | count n of advisories                       |
 * |      6 |      n | their places among the document's           |
 */
library LevelVerdict {
    struct Verdict {
        TcbStatus status;
        uint32 tcbDate;
        /// Bit i: the document's advisory i.
        uint256 advisories;
    }

    function read(uint256 ptr) internal pure returns (Verdict memory verdict) {
        unchecked {
            uint256 word = Memory.word(ptr);
            verdict.status = TcbStatus(word >> 248);
            verdict.tcbDate = uint32(word >> 216);
            uint256 count = (word >> 208) & 0xff;
            for (uint256 i = 0; i < count; ++i) {
                verdict.advisories |= 1 << (Memory.word(ptr + 6 + i) >> 248);
            }
        }
    }

    /// @dev How many bytes a level takes from its verdict on.
    function lengthAt(uint256 ptr) internal pure returns (uint256) {
        unchecked {
            return 6 + ((Memory.word(ptr) >> 208) & 0xff);
        }
    }

    /// @dev The advisories of a set, from the list that `LevelList.encodeAdvisories` wrote, behind
    /// `known`, none of them twice.
    function expand(uint256 ptr, uint256 set, bytes32[] memory known) internal pure returns (bytes32[] memory ids) {
        if (set == 0) return known;
        unchecked {
            uint256 count = Memory.word(ptr) >> 248;
            ids = new bytes32[](known.length + count);
            uint256 found = known.length;
            for (uint256 i = 0; i < found; ++i) {
                ids[i] = known[i];
            }
            ++ptr;
            for (uint256 i = 0; i < count; ++i) {
                uint256 length = Memory.word(ptr) >> 248;
                if ((set >> i) & 1 == 1) {
                    uint256 shift = 256 - 8 * length;
                    bytes32 id = length == 0 ? bytes32(0) : bytes32((Memory.word(ptr + 1) >> shift) << shift);
                    if (!_has(known, id)) ids[found++] = id;
                }
                ptr += 1 + length;
            }
            assembly ("memory-safe") {
                mstore(ids, found)
            }
        }
    }

    function _has(bytes32[] memory ids, bytes32 id) private pure returns (bool) {
        for (uint256 i = 0; i < ids.length; ++i) {
            if (ids[i] == id) return true;
        }
        return false;
    }
}
