// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/**
 * @title Times written in digits, in Unix seconds
 *
 * @notice Only times that exist, from 1970 to 2105, so that they fit 32 bits: Intel's root ends in
 * 2049. Digits come left-aligned in a word, as they lie in memory.
 */
library Calendar {
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
            uint256[5] memory parts;
            ok = true;
            for (uint256 i = 0; i < 5; ++i) {
                bool isNumber;
                (isNumber, parts[i]) = twoDigits(rest << (16 * i));
                ok = ok && isNumber;
            }
            uint256 month = parts[0];
            uint256 day = parts[1];
            ok = ok && year > 1969 && year < 2106 && month > 0 && month < 13 && day > 0
                && day <= daysIn(year, month) && parts[2] < 24 && parts[3] < 60 && parts[4] < 60;
            if (!ok) return (false, 0);
            seconds_ = ((daysSince1970(year, month, day) * 24 + parts[2]) * 60 + parts[3]) * 60 + parts[4];
            ok = seconds_ <= type(uint32).max;
        }
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
