// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestationErrors, JsonFault} from "../interfaces/ITdxAttestationErrors.sol";
import {Calendar} from "./Calendar.sol";
import {Memory} from "./Memory.sol";

/**
 * @title A strict reader of JSON (RFC 8259) that looks at text where it lies
 *
 * @notice Members come in any order and white space is allowed, as in any JSON. Refused are what two
 * parsers could read in two ways: repeated members that are used, escapes and control characters in
 * strings that are used, numbers that are not plain digits. Members that are not used are skipped,
 * so that Intel may add some.
 *
 * @dev The pattern for an object, and for lists with `LIST`:
 *
 *     bool more = json.begin(Json.OBJECT);
 *     while (more) {
 *         bytes32 name = json.name();
 *         ... exactly one value ...
 *         more = json.next(Json.OBJECT_END);
 *     }
 */
library Json {
    /// @dev `_takeIfNext` reaches the first two fields by their place.
    struct Cursor {
        /// Memory addresses of the next byte and of the end.
        uint256 ptr;
        uint256 end;
        /// Where the text begins, for the offsets in errors.
        uint256 origin;
        /// The member being read, for errors.
        bytes32 member;
        /// Which error the faults are of.
        bool isQeIdentity;
    }

    /// How deep a skipped value may nest.
    uint256 private constant _MAX_DEPTH = 32;

    uint256 internal constant OBJECT = 0x7b;
    uint256 internal constant OBJECT_END = 0x7d;
    uint256 internal constant LIST = 0x5b;
    uint256 internal constant LIST_END = 0x5d;

    uint256 private constant _QUOTE = 0x22;
    uint256 private constant _COMMA = 0x2c;
    uint256 private constant _COLON = 0x3a;
    uint256 private constant _BACKSLASH = 0x5c;

    uint256 private constant _ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;
    uint256 private constant _LOW_BITS = 0x7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f;

    function open(bytes memory document, bool isQeIdentity) internal pure returns (Cursor memory) {
        uint256 ptr = Memory.start(document);
        return Cursor(ptr, ptr + document.length, ptr, 0, isQeIdentity);
    }

    function fail(Cursor memory json, JsonFault fault) internal pure {
        uint256 offset = json.ptr - json.origin;
        if (json.isQeIdentity) revert ITdxAttestationErrors.QeIdentityMalformed(fault, json.member, offset);
        revert ITdxAttestationErrors.TcbInfoMalformed(fault, json.member, offset);
    }

    /// @dev The next character that is not white space; zero at the end. It is not taken.
    function peek(Cursor memory json) internal pure returns (uint256 character) {
        unchecked {
            while (json.ptr < json.end) {
                character = Memory.word(json.ptr) >> 248;
                if (character > 0x20) return character;
                if (character != 0x20 && character != 0x0a && character != 0x0d && character != 0x09) {
                    fail(json, JsonFault.SYNTAX);
                }
                ++json.ptr;
            }
            return 0;
        }
    }

    function take(Cursor memory json, uint256 character) internal pure {
        if (!_takeIfNext(json, character)) fail(json, JsonFault.SYNTAX);
    }

    /// @dev Takes the next character if it is this one; most often it comes without white space.
    function _takeIfNext(Cursor memory json, uint256 character) private pure returns (bool isNext) {
        assembly ("memory-safe") {
            let ptr := mload(json)
            isNext := and(lt(ptr, mload(add(json, 32))), eq(byte(0, mload(ptr)), character))
            if isNext { mstore(json, add(ptr, 1)) }
        }
        if (isNext) return true;
        isNext = peek(json) == character;
        if (isNext) ++json.ptr;
    }

    /// @dev The text must end here.
    function finish(Cursor memory json) internal pure {
        if (peek(json) != 0 || json.ptr != json.end) fail(json, JsonFault.SYNTAX);
    }

    /// @dev Enters an object or a list; false when it is empty, and then it has been left again.
    function begin(Cursor memory json, uint256 opening) internal pure returns (bool more) {
        take(json, opening);
        unchecked {
            // Both endings come two places after their beginnings.
            more = !_takeIfNext(json, opening + 2);
        }
    }

    /// @dev After a value: whether another follows.
    function next(Cursor memory json, uint256 closing) internal pure returns (bool more) {
        more = _takeIfNext(json, _COMMA);
        if (!more) take(json, closing);
    }

    /// @dev A member's name and the colon; names of more than 32 characters come as their first 32,
    /// which is none that is used.
    function name(Cursor memory json) internal pure returns (bytes32 found) {
        (uint256 ptr, uint256 length) = text(json);
        found = _leftAligned(ptr, length);
        json.member = found;
        take(json, _COLON);
    }

    /// @dev Notes that a member was read. Refuses it when it was read before.
    function once(Cursor memory json, uint256 seen, uint256 bit) internal pure returns (uint256) {
        if (seen & bit != 0) fail(json, JsonFault.MEMBER_REPEATED);
        return seen | bit;
    }

    /// @dev Refuses an object that lacks one of the members `required`.
    function expectAll(Cursor memory json, uint256 seen, uint256 required) internal pure {
        if (seen & required != required) fail(json, JsonFault.MEMBER_MISSING);
    }

    /// @dev A string without escapes: the address and length of its bytes.
    function text(Cursor memory json) internal pure returns (uint256 ptr, uint256 length) {
        take(json, _QUOTE);
        ptr = json.ptr;
        unchecked {
            uint256 cursor = _findSpecial(ptr, json.end);
            if (cursor >= json.end) fail(json, JsonFault.SYNTAX);
            if (Memory.word(cursor) >> 248 != _QUOTE) fail(json, JsonFault.STRING_UNSUPPORTED);
            length = cursor - ptr;
            json.ptr = cursor + 1;
        }
    }

    /**
     * @dev Where the first quote, backslash or control character is; at or beyond `end`: there is none.
     *
     * A word at a time: for bytes x below 128, adding 127 sets the high bit of all but zero, so a byte
     * is zero where neither it nor the sum has that bit. Sums stay within their bytes.
     */
    function _findSpecial(uint256 ptr, uint256 end) private pure returns (uint256) {
        unchecked {
            for (; ptr < end; ptr += 32) {
                uint256 w = Memory.word(ptr);
                // Zero where the byte is a quote, a backslash, or below 0x20.
                uint256 quote = w ^ (_ONES * _QUOTE);
                uint256 backslash = w ^ (_ONES * _BACKSLASH);
                uint256 control = w & (_ONES * 0xe0);
                uint256 found = (((quote & _LOW_BITS) + _LOW_BITS) | quote)
                    & (((backslash & _LOW_BITS) + _LOW_BITS) | backslash)
                    & (((control & _LOW_BITS) + _LOW_BITS) | control);
                found = ~(found | _LOW_BITS);
                if (found == 0) continue;
                // The leftmost byte that is marked, by halves.
                if (found >> 128 == 0) (ptr, found) = (ptr + 16, found << 128);
                if (found >> 192 == 0) (ptr, found) = (ptr + 8, found << 64);
                if (found >> 224 == 0) (ptr, found) = (ptr + 4, found << 32);
                if (found >> 240 == 0) (ptr, found) = (ptr + 2, found << 16);
                return found >> 248 == 0 ? ptr + 1 : ptr;
            }
            return ptr;
        }
    }

    /// @dev A string of at most 32 bytes, left-aligned.
    function word(Cursor memory json) internal pure returns (bytes32) {
        (uint256 ptr, uint256 length) = text(json);
        if (length > 32) fail(json, JsonFault.TOO_LONG);
        return _leftAligned(ptr, length);
    }

    /// @dev A whole number from 0 to `max` in plain digits.
    function number(Cursor memory json, uint256 max) internal pure returns (uint256 value) {
        peek(json);
        uint256 ptr = json.ptr;
        uint256 end = json.end;
        unchecked {
            uint256 cursor = ptr;
            while (cursor < end) {
                uint256 digit = (Memory.word(cursor) >> 248) - 0x30;
                if (digit > 9) break;
                value = 10 * value + digit;
                if (value > max) fail(json, JsonFault.NUMBER_TOO_LARGE);
                ++cursor;
            }
            // "05" is not JSON; "-5", "5.0" and "5e0" are, but no number of Intel's.
            uint256 length = cursor - ptr;
            if (length == 0 || (length > 1 && Memory.word(ptr) >> 248 == 0x30)) {
                fail(json, JsonFault.NUMBER_UNSUPPORTED);
            }
            uint256 following = cursor < end ? Memory.word(cursor) >> 248 : 0;
            if (following == 0x2e || following | 0x20 == 0x65) fail(json, JsonFault.NUMBER_UNSUPPORTED);
            json.ptr = cursor;
        }
    }

    /// @dev Hex digits of exactly `length` bytes, in either case; the first 32 bytes left-aligned, and
    /// what goes beyond them.
    function hexBytes(Cursor memory json, uint256 length) internal pure returns (bytes32 high, bytes32 low) {
        (uint256 ptr, uint256 digits) = text(json);
        unchecked {
            if (digits != 2 * length) fail(json, JsonFault.HEX_MALFORMED);
            if (length < 33) return (bytes32(_hex(json, ptr, digits) << (256 - 4 * digits)), 0);
            high = bytes32(_hex(json, ptr, 64));
            low = bytes32(_hex(json, ptr + 64, digits - 64) << (512 - 4 * digits));
        }
    }

    /// @dev A time such as 2025-05-14T00:00:00Z, in Unix seconds.
    function time(Cursor memory json) internal pure returns (uint256 seconds_) {
        (uint256 ptr, uint256 length) = text(json);
        unchecked {
            uint256 w = Memory.word(ptr);
            // YYYY-MM-DDTHH:MM:SSZ: the characters between the digits, and Z.
            bool ok = length == 20 && _octet(w, 4) == 0x2d && _octet(w, 7) == 0x2d && _octet(w, 10) == 0x54
                && _octet(w, 13) == 0x3a && _octet(w, 16) == 0x3a && _octet(w, 19) == 0x5a;
            uint256 year;
            if (ok) (ok, year) = Calendar.fourDigits(w);
            // The ten digits after the year, without what lies between them.
            uint256 rest = _pair(w, 5, 0) | _pair(w, 8, 1) | _pair(w, 11, 2) | _pair(w, 14, 3) | _pair(w, 17, 4);
            if (ok) (ok, seconds_) = Calendar.toUnix(year, rest);
            if (!ok) fail(json, JsonFault.TIME_MALFORMED);
        }
    }

    /// @dev Passes over any value.
    function skip(Cursor memory json) internal pure {
        uint256 depth = 0;
        // One bit for each open bracket: whether it is an object's.
        uint256 objects = 0;
        while (true) {
            uint256 character = peek(json);
            if (character == OBJECT || character == LIST) {
                if (depth == _MAX_DEPTH) fail(json, JsonFault.TOO_DEEP);
                if (begin(json, character)) {
                    unchecked {
                        ++depth;
                    }
                    objects = (objects << 1) | (character == OBJECT ? 1 : 0);
                    if (objects & 1 == 1) _skipName(json);
                    continue;
                }
            } else if (character == _QUOTE) {
                _skipText(json);
            } else {
                _skipScalar(json);
            }
            // The value has ended, and with it perhaps what holds it.
            while (depth > 0 && !next(json, objects & 1 == 1 ? OBJECT_END : LIST_END)) {
                unchecked {
                    --depth;
                }
                objects >>= 1;
            }
            if (depth == 0) return;
            if (objects & 1 == 1) _skipName(json);
        }
    }

    function _skipName(Cursor memory json) private pure {
        _skipText(json);
        take(json, _COLON);
    }

    function _skipText(Cursor memory json) private pure {
        take(json, _QUOTE);
        uint256 cursor = json.ptr;
        unchecked {
            while (true) {
                cursor = _findSpecial(cursor, json.end);
                if (cursor >= json.end) fail(json, JsonFault.SYNTAX);
                uint256 character = Memory.word(cursor) >> 248;
                if (character == _QUOTE) break;
                if (character != _BACKSLASH) fail(json, JsonFault.STRING_UNSUPPORTED);
                cursor += 2;
            }
            json.ptr = cursor + 1;
        }
    }

    /// @dev A number, true, false or null, by its characters.
    function _skipScalar(Cursor memory json) private pure {
        uint256 start = json.ptr;
        unchecked {
            while (json.ptr < json.end) {
                uint256 c = Memory.word(json.ptr) >> 248;
                bool isPart = (c > 0x2f && c < 0x3a) || (c > 0x60 && c < 0x7b) || c == 0x45 || c == 0x2b || c == 0x2d
                    || c == 0x2e;
                if (!isPart) break;
                ++json.ptr;
            }
            uint256 length = json.ptr - start;
            uint256 first = length == 0 ? 0 : Memory.word(start) >> 248;
            bytes32 w = length > 32 ? bytes32(0) : _leftAligned(start, length);
            bool isNumber = (first > 0x2f && first < 0x3a) || (first == 0x2d && length > 1);
            if (!isNumber && w != "true" && w != "false" && w != "null") fail(json, JsonFault.SYNTAX);
        }
    }

    function _hex(Cursor memory json, uint256 ptr, uint256 digits) private pure returns (uint256 value) {
        unchecked {
            for (uint256 i = 0; i < digits; ++i) {
                uint256 c = Memory.word(ptr + i) >> 248;
                uint256 digit = c - 0x30;
                if (digit > 9) {
                    // Letters of either case.
                    digit = (c | 0x20) - 0x61;
                    if (digit > 5) fail(json, JsonFault.HEX_MALFORMED);
                    digit += 10;
                }
                value = (value << 4) | digit;
            }
        }
    }

    function _octet(uint256 w, uint256 index) private pure returns (uint256) {
        unchecked {
            return (w >> (248 - 8 * index)) & 0xff;
        }
    }

    /// @dev The two bytes at `index`, moved to the pair's place from the left.
    function _pair(uint256 w, uint256 index, uint256 place) private pure returns (uint256) {
        unchecked {
            return ((w >> (240 - 8 * index)) & 0xffff) << (240 - 16 * place);
        }
    }

    function _leftAligned(uint256 ptr, uint256 length) private pure returns (bytes32) {
        unchecked {
            if (length > 31) return bytes32(Memory.word(ptr));
            uint256 shift = 256 - 8 * length;
            return bytes32((Memory.word(ptr) >> shift) << shift);
        }
    }
}
