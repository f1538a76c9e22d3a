// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DerFault, ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {Calendar} from "./Calendar.sol";
import {Memory} from "./Memory.sol";
import {Part} from "./TdxTypes.sol";

/**
 * @title Strict DER (X.690, section 10), as `sdk/x509` reads it
 *
 * @notice Definite and shortest lengths, one-byte tags, nothing beyond the end. The cursor is flat:
 * `enter` narrows it to the content of an element, `exit` refuses what was not read of it. Nothing
 * recurses, and every element is looked at where it lies, so no input makes it nest or allocate.
 */
library Der {
    uint256 internal constant BOOLEAN = 0x01;
    uint256 internal constant INTEGER = 0x02;
    uint256 internal constant BIT_STRING = 0x03;
    uint256 internal constant OCTET_STRING = 0x04;
    uint256 internal constant OID = 0x06;
    uint256 internal constant ENUMERATED = 0x0a;
    uint256 internal constant UTF8_STRING = 0x0c;
    uint256 internal constant PRINTABLE_STRING = 0x13;
    uint256 internal constant IA5_STRING = 0x16;
    uint256 internal constant UTC_TIME = 0x17;
    uint256 internal constant GENERALIZED_TIME = 0x18;
    uint256 internal constant SEQUENCE = 0x30;
    uint256 internal constant SET = 0x31;

    /// @dev The bit of each byte that says that an arc goes on.
    uint256 private constant _CONTINUED = 0x8080808080808080808080808080808080808080808080808080808080808080;

    /// @dev `read` and `enter` reach the first two fields by their place.
    struct Cursor {
        /// Memory addresses of the next byte and of the end.
        uint256 ptr;
        uint256 end;
        /// Where the data begins, for the offsets in errors.
        uint256 origin;
        /// What is being read, for errors.
        Part part;
        /// Within Intel's SGX extension, whose faults have an error of their own.
        bool inSgxExtension;
    }

    function open(bytes memory data, Part part) internal pure returns (Cursor memory cursor) {
        uint256 ptr = Memory.start(data);
        cursor = Cursor(ptr, ptr + data.length, ptr, part, false);
    }

    function fail(Cursor memory cursor, DerFault fault) internal pure {
        uint256 offset = cursor.ptr - cursor.origin;
        if (cursor.inSgxExtension) revert ITdxAttestationErrors.PckExtensionMalformed(fault, offset);
        if (cursor.part == Part.ROOT_CRL || cursor.part == Part.PCK_CRL) {
            revert ITdxAttestationErrors.CrlMalformed(cursor.part, fault, offset);
        }
        revert ITdxAttestationErrors.CertificateMalformed(cursor.part, fault, offset);
    }

    /// @dev The next tag; 256 at the end.
    function peek(Cursor memory cursor) internal pure returns (uint256) {
        return cursor.ptr < cursor.end ? Memory.word(cursor.ptr) >> 248 : 256;
    }

    function isDone(Cursor memory cursor) internal pure returns (bool) {
        return cursor.ptr == cursor.end;
    }

    /// @dev Takes the next element, which must have `tag`; the address and length of its content.
    function read(Cursor memory cursor, uint256 tag) internal pure returns (uint256 ptr, uint256 length) {
        bool isShort;
        assembly ("memory-safe") {
            // Most elements have the tag and a length of one byte: one comparison says so.
            ptr := mload(cursor)
            let word := mload(ptr)
            ptr := add(ptr, 2)
            length := byte(1, word)
            let end := add(ptr, length)
            isShort := and(eq(byte(0, word), tag), and(lt(length, 0x80), iszero(gt(end, mload(add(cursor, 32))))))
            if isShort { mstore(cursor, end) }
        }
        if (isShort) return (ptr, length);
        (ptr, length) = _longHeader(cursor, tag);
        unchecked {
            cursor.ptr = ptr + length;
        }
    }

    /// @dev Narrows the cursor to the content of the next element; returns what `exit` needs.
    function enter(Cursor memory cursor, uint256 tag) internal pure returns (uint256 outerEnd) {
        outerEnd = cursor.end;
        bool isShort;
        assembly ("memory-safe") {
            let ptr := mload(cursor)
            let word := mload(ptr)
            ptr := add(ptr, 2)
            let length := byte(1, word)
            let end := add(ptr, length)
            isShort := and(eq(byte(0, word), tag), and(lt(length, 0x80), iszero(gt(end, outerEnd))))
            if isShort {
                mstore(cursor, ptr)
                mstore(add(cursor, 32), end)
            }
        }
        if (isShort) return outerEnd;
        (uint256 start, uint256 longLength) = _longHeader(cursor, tag);
        cursor.ptr = start;
        unchecked {
            cursor.end = start + longLength;
        }
    }

    function _longHeader(Cursor memory cursor, uint256 tag) private pure returns (uint256 ptr, uint256 length) {
        unchecked {
            // Addresses of memory are far below 2^64, so that sums do not wrap around.
            ptr = cursor.ptr + 2;
            if (ptr > cursor.end) fail(cursor, DerFault.TRUNCATED);
            uint256 word = Memory.word(cursor.ptr);
            if (word >> 248 != tag) fail(cursor, DerFault.TAG_UNEXPECTED);
            length = (word >> 240) & 0xff;
            if (length > 0x7f) {
                uint256 count = length - 0x80;
                if (count < 1 || count > 3) fail(cursor, DerFault.LENGTH_NOT_CANONICAL);
                ptr += count;
                if (ptr > cursor.end) fail(cursor, DerFault.TRUNCATED);
                length = (word << 16) >> (256 - 8 * count);
                if (length < 0x80 || length >> (8 * (count - 1)) == 0) fail(cursor, DerFault.LENGTH_NOT_CANONICAL);
            }
            if (ptr + length > cursor.end) fail(cursor, DerFault.TRUNCATED);
        }
    }

    /// @dev Widens the cursor again; all of the element must have been read.
    function exit(Cursor memory cursor, uint256 outerEnd) internal pure {
        if (cursor.ptr != cursor.end) fail(cursor, DerFault.DATA_LEFT_OVER);
        cursor.end = outerEnd;
    }

    /// @dev A non-negative INTEGER or ENUMERATED of at most `maxBytes` (32 at most) in shortest form.
    function unsigned(Cursor memory cursor, uint256 tag, uint256 maxBytes) internal pure returns (uint256 value) {
        (uint256 ptr, uint256 length) = read(cursor, tag);
        if (length == 0) fail(cursor, DerFault.INTEGER_NOT_CANONICAL);
        uint256 word = Memory.word(ptr);
        if (word >> 255 != 0) fail(cursor, DerFault.INTEGER_NOT_CANONICAL);
        unchecked {
            if (word >> 248 == 0 && length > 1) {
                // A sign byte, needed only before a byte that would look negative.
                if ((word << 8) >> 255 == 0) fail(cursor, DerFault.INTEGER_NOT_CANONICAL);
                word = Memory.word(ptr + 1);
                length -= 1;
            }
            if (length > maxBytes) fail(cursor, DerFault.INTEGER_TOO_LARGE);
            value = word >> (256 - 8 * length);
        }
    }

    function boolean(Cursor memory cursor) internal pure returns (bool) {
        (uint256 ptr, uint256 length) = read(cursor, BOOLEAN);
        uint256 value = Memory.word(ptr) >> 248;
        if (length != 1 || (value != 0 && value != 0xff)) fail(cursor, DerFault.BOOLEAN_NOT_CANONICAL);
        return value != 0;
    }

    /// @dev An object identifier in shortest form, as keccak256 of its content.
    function objectIdentifier(Cursor memory cursor) internal pure returns (bytes32) {
        (uint256 ptr, uint256 length) = read(cursor, OID);
        if (length == 0 || length > 32) fail(cursor, DerFault.OBJECT_IDENTIFIER_MALFORMED);
        unchecked {
            uint256 word = Memory.word(ptr) >> (256 - 8 * length);
            // Arcs of one byte each, as in most identifiers, have one form.
            if (word & _CONTINUED != 0 && !_hasShortestArcs(word, length)) {
                fail(cursor, DerFault.OBJECT_IDENTIFIER_MALFORMED);
            }
        }
        return Memory.hash(ptr, length);
    }

    /// @dev Whether no arc begins with a byte that adds nothing, and the last one ends.
    function _hasShortestArcs(uint256 word, uint256 length) private pure returns (bool startsArc) {
        startsArc = true;
        unchecked {
            for (uint256 i = length; i > 0; --i) {
                uint256 octet = (word >> (8 * (i - 1))) & 0xff;
                if (startsArc && octet == 0x80) return false;
                startsArc = octet < 0x80;
            }
        }
    }

    /// @dev A named bit list (X.690, 11.2.2) of at most 16 bits, as the number whose bit i is the list's.
    function namedBits(Cursor memory cursor) internal pure returns (uint256 bits) {
        (uint256 ptr, uint256 length) = read(cursor, BIT_STRING);
        if (length == 0 || length > 3) fail(cursor, DerFault.BIT_STRING_MALFORMED);
        uint256 word = Memory.word(ptr);
        unchecked {
            uint256 unused = word >> 248;
            uint256 last = (word >> (256 - 8 * length)) & 0xff;
            bool isShortest = length == 1
                ? unused == 0
                : unused < 8 && (last >> unused) & 1 == 1 && last & ((1 << unused) - 1) == 0;
            if (!isShortest) fail(cursor, DerFault.BIT_STRING_MALFORMED);
            for (uint256 i = 0; i < 8 * (length - 1); ++i) {
                bits |= ((word >> (247 - i)) & 1) << i;
            }
        }
    }

    /// @dev UTCTime or GeneralizedTime as RFC 5280 (4.1.2.5) has them, in Unix seconds.
    function time(Cursor memory cursor) internal pure returns (uint256 seconds_) {
        uint256 tag = peek(cursor);
        if (tag != UTC_TIME && tag != GENERALIZED_TIME) fail(cursor, DerFault.TIME_MALFORMED);
        (uint256 ptr, uint256 length) = read(cursor, tag);
        unchecked {
            uint256 yearDigits = tag == UTC_TIME ? 2 : 4;
            if (length != yearDigits + 11) fail(cursor, DerFault.TIME_MALFORMED);
            uint256 word = Memory.word(ptr);
            uint256 year = 0;
            bool ok;
            if (tag == UTC_TIME) {
                (ok, year) = Calendar.twoDigits(word);
                year += year < 50 ? 2000 : 1900;
            } else {
                (ok, year) = Calendar.fourDigits(word);
            }
            word <<= 8 * yearDigits;
            // MMDDHHMMSSZ
            ok = ok && (word << 80) >> 248 == 0x5a;
            if (ok) (ok, seconds_) = Calendar.toUnix(year, word);
            if (!ok) fail(cursor, DerFault.TIME_MALFORMED);
        }
    }
}
