// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {LevelVerdict} from "./LevelVerdict.sol";
import {Memory} from "./Memory.sol";
import {Part, TcbStatus} from "./TdxTypes.sol";

/**
 * @title A TCB info as it is kept: what `TcbInfoReader` wrote, and how a platform is matched with it
 *
 * | offset | length | field                                                            |
 * | -----: | -----: | ---------------------------------------------------------------- |
 * |      0 |     32 | id of the TCB signer                                             |
 * |     32 |      2 | PCE id                                                           |
 * |     34 |     48 | `tdxModule`: MRSIGNER                                            |
 * |     82 |      8 | `tdxModule`: attributes                                          |
 * |     90 |      1 | count of TDX module identities, then for each                    |
 * |        |      1 |   version                                                        |
 * |        |     48 |   MRSIGNER                                                       |
 * |        |      8 |   attributes                                                     |
 * |        |      2 |   length of its levels: ISV SVN (4 bytes), `LevelVerdict`         |
 * |        |      1 | count of TCB levels, then for each, the highest first            |
 * |        |     16 |   SVNs of the SGX components                                     |
 * |        |      4 |   PCE SVN                                                        |
 * |        |     16 |   SVNs of the TDX components                                     |
 * |        |        |   `LevelVerdict`                                                  |
 * |        |      1 | count of advisories, then for each its length (1) and its text   |
 */
library TcbInfoData {
    uint256 private constant _PCE_ID = 32;
    uint256 private constant _TDX_MODULE = 34;
    uint256 private constant _IDENTITIES = 90;

    /// @dev The even bytes of 16, and the bit above each.
    uint256 private constant _EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant _CARRIES = 0x01000100010001000100010001000100;

    /// @dev Where things are, once they are found.
    struct View {
        uint256 ptr;
        uint256 levels;
    }

    /// @param code The code that keeps it, with one byte before the data.
    function open(bytes memory code) internal pure returns (View memory info) {
        unchecked {
            info.ptr = Memory.start(code) + 1;
            uint256 cursor = info.ptr + _IDENTITIES;
            uint256 count = Memory.word(cursor++) >> 248;
            for (; count > 0; --count) cursor += 59 + _levelsLength(cursor);
            info.levels = cursor;
        }
    }

    function signerId(View memory info) internal pure returns (bytes32) {
        return bytes32(Memory.word(info.ptr));
    }

    function pceId(View memory info) internal pure returns (bytes2) {
        return bytes2(bytes32(Memory.word(info.ptr + _PCE_ID)));
    }

    /**
     * @notice The identity of the TDX module of this version, which is TEE_TCB_SVN[1]; version 0 has
     * none, and is judged by `tdxModule`.
     * @return ptr Where its MRSIGNER and attributes are.
     * @return levels Where its levels are; zero for version 0.
     * @return end Where they end.
     */
    function findModule(View memory info, uint8 version)
        internal
        pure
        returns (uint256 ptr, uint256 levels, uint256 end)
    {
        unchecked {
            if (version == 0) return (info.ptr + _TDX_MODULE, 0, 0);
            uint256 cursor = info.ptr + _IDENTITIES;
            uint256 count = Memory.word(cursor++) >> 248;
            for (; count > 0; --count) {
                uint256 length = _levelsLength(cursor);
                if (Memory.word(cursor) >> 248 == version) return (cursor + 1, cursor + 59, cursor + 59 + length);
                cursor += 59 + length;
            }
        }
        revert ITdxAttestationErrors.TdxModuleIdentityMissing(version);
    }

    /// @notice MRSIGNER and attributes that `findModule` found.
    function moduleAt(uint256 ptr) internal pure returns (bytes32 high, bytes16 low, bytes8 attributes) {
        high = bytes32(Memory.word(ptr));
        low = bytes16(bytes32(Memory.word(ptr + 32)));
        attributes = bytes8(bytes32(Memory.word(ptr + 48)));
    }

    /// @notice The highest level that the TDX module reaches (QVL `tdxEvaluateTCB`): TEE_TCB_SVN[0].
    function matchModule(uint256 levels, uint256 end, uint8 version, uint8 isvSvn)
        internal
        pure
        returns (LevelVerdict.Verdict memory verdict)
    {
        unchecked {
            for (uint256 cursor = levels; cursor < end; cursor += 4 + LevelVerdict.lengthAt(cursor + 4)) {
                if (isvSvn < Memory.word(cursor) >> 224) continue;
                verdict = LevelVerdict.read(cursor + 4);
                if (verdict.status == TcbStatus.Unknown) {
                    revert ITdxAttestationErrors.TcbStatusUnknown(Part.TCB_INFO, "TDX module");
                }
                return verdict;
            }
        }
        revert ITdxAttestationErrors.TdxModuleTcbNotSupported(version, isvSvn);
    }

    /**
     * @notice The highest level that the platform reaches in all components (QVL `tdxEvaluateTCB`).
     * @dev From module version 1 on, TDX components 0 and 1 are judged by the module's own identity.
     */
    function matchPlatform(View memory info, bytes16 sgxTcbComponents, uint16 pceSvn, bytes16 teeTcbSvn)
        internal
        pure
        returns (LevelVerdict.Verdict memory verdict)
    {
        unchecked {
            uint256 sgx = uint128(sgxTcbComponents);
            uint256 tdx = uint128(teeTcbSvn);
            uint256 judged = uint8(teeTcbSvn[1]) == 0 ? type(uint128).max : type(uint128).max >> 16;
            uint256 cursor = info.levels;
            uint256 count = Memory.word(cursor++) >> 248;
            for (; count > 0; --count) {
                uint256 word = Memory.word(cursor);
                if (
                    _covers(sgx, word >> 128) && pceSvn >= uint32(word >> 96)
                        && _covers(tdx, (Memory.word(cursor + 20) >> 128) & judged)
                ) return LevelVerdict.read(cursor + 36);
                cursor += 36 + LevelVerdict.lengthAt(cursor + 36);
            }
        }
        revert ITdxAttestationErrors.TcbLevelNotSupported(sgxTcbComponents, pceSvn, teeTcbSvn);
    }

    /// @dev Advisories of a set, behind those already known.
    function expandAdvisories(View memory info, uint256 set, bytes32[] memory known)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (set == 0) return known;
        unchecked {
            uint256 cursor = info.levels;
            uint256 count = Memory.word(cursor++) >> 248;
            for (; count > 0; --count) cursor += 36 + LevelVerdict.lengthAt(cursor + 36);
            return LevelVerdict.expand(cursor, set, known);
        }
    }

    /// @dev Whether each of 16 bytes is at least the other's. A lane's carry stays only if nothing is borrowed.
    function _covers(uint256 svns, uint256 level) private pure returns (bool) {
        unchecked {
            uint256 even = ((svns & _EVEN_BYTES) | _CARRIES) - (level & _EVEN_BYTES);
            uint256 odd = (((svns >> 8) & _EVEN_BYTES) | _CARRIES) - ((level >> 8) & _EVEN_BYTES);
            return even & odd & _CARRIES == _CARRIES;
        }
    }

    function _levelsLength(uint256 identity) private pure returns (uint256) {
        unchecked {
            return Memory.word(identity + 57) >> 240;
        }
    }
}
