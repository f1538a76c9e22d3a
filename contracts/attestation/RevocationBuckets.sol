// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Memory} from "./Memory.sol";

/**
 * @title Serial numbers sorted into buckets by their hash
 *
 * @notice A bucket is the serial numbers in it, 20 bytes each, ascending, none twice: the same set
 * always gives the same bytes, in whatever order a list names it. Hashing keeps buckets even also
 * for an issuer that counts.
 */
library RevocationBuckets {
    uint256 private constant _SERIAL_LENGTH = 20;
    /// @dev A bucket holds half of this to this on average; more than 1,000 would still fit.
    uint256 private constant _TARGET = 24;

    /// @notice For how many buckets a list is large enough, as a power of two.
    function bitsOf(uint256 count) internal pure returns (uint256 bits) {
        while (_TARGET << bits < count) ++bits;
    }

    function bucketOf(uint256 serial, uint256 bits) internal pure returns (uint256) {
        bytes32 hash;
        assembly ("memory-safe") {
            mstore(0, serial)
            hash := keccak256(0, 32)
        }
        return uint256(hash) & ((1 << bits) - 1);
    }

    /// @notice The buckets of a list. Serial numbers longer than a certificate's are left out.
    function fill(uint256[] memory serials) internal pure returns (bytes[] memory buckets) {
        uint256 bits = bitsOf(serials.length);
        uint256[] memory ends = new uint256[](1 << bits);
        uint256[] memory places = new uint256[](serials.length);
        unchecked {
            for (uint256 i = 0; i < serials.length; ++i) {
                places[i] = bucketOf(serials[i], bits);
                ++ends[places[i]];
            }
            uint256 sum = 0;
            uint256[] memory starts = new uint256[](ends.length);
            for (uint256 i = 0; i < ends.length; ++i) {
                starts[i] = sum;
                sum += ends[i];
                ends[i] = starts[i];
            }
            uint256[] memory sorted = new uint256[](serials.length);
            for (uint256 i = 0; i < serials.length; ++i) {
                uint256 place = places[i];
                uint256 end = ends[place];
                _insert(sorted, starts[place], end, serials[i]);
                ends[place] = end + 1;
            }
            buckets = new bytes[](ends.length);
            for (uint256 i = 0; i < ends.length; ++i) {
                buckets[i] = _pack(sorted, starts[i], ends[i]);
            }
        }
    }

    /// @notice Whether a bucket, read back as the code that keeps it, holds a serial number.
    function contains(bytes memory code, uint256 serial) internal pure returns (bool) {
        unchecked {
            // Behind the first byte of the code.
            uint256 ptr = Memory.start(code) + 1;
            uint256 end = ptr + code.length - 1;
            for (; ptr < end; ptr += _SERIAL_LENGTH) {
                uint256 entry = Memory.word(ptr) >> 96;
                if (entry >= serial) return entry == serial;
            }
            return false;
        }
    }

    /// @dev Keeps sorted[start:end] ascending while it grows by one.
    function _insert(uint256[] memory sorted, uint256 start, uint256 end, uint256 serial) private pure {
        assembly ("memory-safe") {
            // The elements lie behind the array's length.
            let first := add(add(sorted, 32), mul(start, 32))
            let ptr := add(add(sorted, 32), mul(end, 32))
            for {} gt(ptr, first) {} {
                let above := mload(sub(ptr, 32))
                if iszero(gt(above, serial)) { break }
                mstore(ptr, above)
                ptr := sub(ptr, 32)
            }
            mstore(ptr, serial)
        }
    }

    function _pack(uint256[] memory sorted, uint256 start, uint256 end) private pure returns (bytes memory bucket) {
        unchecked {
            // Words are written 20 bytes apart, the last of them 12 bytes past its end.
            bucket = new bytes(_SERIAL_LENGTH * (end - start) + 12);
            uint256 ptr = Memory.start(bucket);
            uint256 previous = type(uint256).max;
            for (uint256 i = start; i < end; ++i) {
                uint256 serial = sorted[i];
                if (serial == previous || serial > type(uint160).max) continue;
                previous = serial;
                assembly ("memory-safe") {
                    mstore(ptr, shl(96, serial))
                }
                ptr += _SERIAL_LENGTH;
            }
            uint256 length = ptr - Memory.start(bucket);
            assembly ("memory-safe") {
                mstore(bucket, length)
            }
        }
    }
}
