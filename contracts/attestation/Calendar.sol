// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/**
 * @title Times written in digits, in Unix seconds
 *
 * @notice Only times that exist, from 1970 to 2105, so that they fit 32 bits: Intel's root ends in
 * 2049. Digits come left-aligned in a word, as they lie in memory.
 */
library Calendar {
    /// @dev Above any number of two digits, and seen in a union of such.
    uint256 private constant _NONE = 1 << 8;

    function twoDigits(uint256 word) internal pure returns (bool ok, uint256 value) {
        unchecked {
            // A byte below "0" wraps around and is too large, too.
            uint256 tens = (word >> 248) - 0x30;
            uint256 ones = ((word >> 240) & 0xff) - 0x30;
            ok = tens < 10 && ones < 10;
            value = 10 * tens + ones;
        }
    }

    function fourDigits(uint256 word) internal pure returns (bool ok, uint256 value) {
        unchecked {
            bool alsoOk;
            uint256 low;
            (ok, value) = twoDigits(word);
            (alsoOk, low) = twoDigits(word << 16);
            ok = ok && alsoOk;
            value = 100 * value + low;
        }
    }

    /// @dev `rest` begins with ten digits: MMDDHHMMSS.
    function toUnix(uint256 year, uint256 rest) internal pure returns (bool ok, uint256 seconds_) {
        unchecked {
            uint256 month = _number(rest, 1, 12);
            uint256 day = _number(rest << 16, 1, 31);
            uint256 hour = _number(rest << 32, 0, 23);
            uint256 minute = _number(rest << 48, 0, 59);
            uint256 second = _number(rest << 64, 0, 59);
            ok = (month | day | hour | minute | second) < _NONE && year > 1969 && year < 2106
                && (day < 29 || day <= daysIn(year, month));
            if (!ok) return (false, 0);
            seconds_ = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
            ok = seconds_ <= type(uint32).max;
        }
    }

    /// @dev Two digits that make a number from `least` to `most`; else `_NONE`.
    function _number(uint256 word, uint256 least, uint256 most) private pure returns (uint256 value) {
        bool ok;
        (ok, value) = twoDigits(word);
        if (!ok || value < least || value > most) return _NONE;
    }

    function daysIn(uint256 year, uint256 month) internal pure returns (uint256) {
        if (month == 2) return isLeap(year) ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    function isLeap(uint256 year) internal pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    /// @dev Gregorian calendar. Years are counted from March on, so that 29 February ends one.
    function daysSince1970(uint256 year, uint256 month, uint256 day) internal pure returns (uint256) {
        unchecked {
            uint256 y = month > 2 ? year : year - 1;
            uint256 monthsSinceMarch = month > 2 ? month - 3 : month + 9;
            uint256 dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1;
            // 719468 days lie between 0000-03-01 and 1970-01-01.
            return 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468;
        }
    }
}
