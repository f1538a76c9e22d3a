// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {JsonFault} from "../interfaces/ITdxAttestationErrors.sol";
import {Json} from "./Json.sol";
import {Memory} from "./Memory.sol";
import {TcbStatus} from "./TdxTypes.sol";

/**
 * @title TCB levels as they are read, highest first whatever the order of the text
 *
 * @notice Two levels of one height are refused: nothing would decide between them. Advisories are
 * kept once for the whole document, levels name them by their place.
 */
library LevelList {
    using Json for Json.Cursor;

    uint256 private constant _MAX_LEVELS = 64;
    /// @dev So that a set of them fits a word.
    uint256 private constant _MAX_ADVISORIES = 255;

    struct List {
        /// Heights, in two parts of which the first decides, and encoded levels.
        uint256[] high;
        uint256[] low;
        bytes[] levels;
        uint256 count;
    }

    struct Advisories {
        bytes32[] ids;
        uint256 count;
    }

    /// @dev What every level says: status, date and advisories.
    struct Verdict {
        TcbStatus status;
        uint256 tcbDate;
        bytes advisories;
    }

    function create() internal pure returns (List memory list) {
        list.high = new uint256[](_MAX_LEVELS);
        list.low = new uint256[](_MAX_LEVELS);
        list.levels = new bytes[](_MAX_LEVELS);
    }

    function createAdvisories() internal pure returns (Advisories memory advisories) {
        advisories.ids = new bytes32[](_MAX_ADVISORIES);
    }

    function insert(Json.Cursor memory json, List memory list, uint256 high, uint256 low, bytes memory level)
        internal
        pure
    {
        unchecked {
            uint256 place = list.count;
            if (place == _MAX_LEVELS) json.fail(JsonFault.TOO_LONG);
            while (place > 0) {
                uint256 above = place - 1;
                if (list.high[above] == high && list.low[above] == low) json.fail(JsonFault.LEVEL_REPEATED);
                if (list.high[above] > high || (list.high[above] == high && list.low[above] > low)) break;
                list.high[place] = list.high[above];
                list.low[place] = list.low[above];
                list.levels[place] = list.levels[above];
                place = above;
            }
            list.high[place] = high;
            list.low[place] = low;
            list.levels[place] = level;
            ++list.count;
        }
    }

    /// @dev Status (1 byte), TCB date (4), count of advisories (1), their places (1 each).
    function encodeVerdict(Verdict memory verdict) internal pure returns (bytes memory) {
        return abi.encodePacked(
            uint8(verdict.status), uint32(verdict.tcbDate), uint8(verdict.advisories.length), verdict.advisories
        );
    }

    function encode(List memory list) internal pure returns (bytes memory encoded) {
        for (uint256 i = 0; i < list.count; ++i) {
            encoded = bytes.concat(encoded, list.levels[i]);
        }
    }

    /// @dev Count (1 byte), then for each its length (1) and its text.
    function encodeAdvisories(Advisories memory advisories) internal pure returns (bytes memory encoded) {
        encoded = abi.encodePacked(uint8(advisories.count));
        for (uint256 i = 0; i < advisories.count; ++i) {
            bytes32 id = advisories.ids[i];
            uint256 length = 0;
            while (length < 32 && id[length] != 0) ++length;
            bytes memory text = abi.encodePacked(id);
            assembly ("memory-safe") {
                mstore(text, length)
            }
            encoded = abi.encodePacked(encoded, uint8(length), text);
        }
    }

    /// @dev Where in memory the first id lies, behind the length of its array.
    function _firstId(Advisories memory advisories) private pure returns (uint256 ptr) {
        bytes32[] memory ids = advisories.ids;
        assembly ("memory-safe") {
            ptr := add(ids, 32)
        }
    }

    /// @dev A list of advisory ids, as their places among those of the document.
    function readAdvisories(Json.Cursor memory json, Advisories memory advisories)
        internal
        pure
        returns (bytes memory places)
    {
        bool more = json.begin(Json.LIST);
        while (more) {
            bytes32 id = json.word();
            uint256 place = 0;
            unchecked {
                uint256 ptr = _firstId(advisories);
                uint256 count = advisories.count;
                while (place < count && bytes32(Memory.word(ptr + 32 * place)) != id) ++place;
                if (place == count) {
                    if (place == _MAX_ADVISORIES) json.fail(JsonFault.TOO_LONG);
                    advisories.ids[place] = id;
                    ++advisories.count;
                }
            }
            if (places.length == _MAX_ADVISORIES) json.fail(JsonFault.TOO_LONG);
            places = abi.encodePacked(places, uint8(place));
            more = json.next(Json.LIST_END);
        }
    }
}
