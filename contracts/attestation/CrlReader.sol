// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DerFault, ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {Der} from "./Der.sol";
import {Memory} from "./Memory.sol";
import {RevocationBuckets} from "./RevocationBuckets.sol";
import {Part} from "./TdxTypes.sol";
import {X509} from "./X509.sol";

/**
 * @title Certificate revocation lists of Intel's profile (RFC 5280, section 5; Intel SGX PCK
 * Certificate and CRL Profile Specification, section 3): version 2, complete and direct
 *
 * @notice Every entry counts as revoked, whatever its reason: `removeFromCRL` has a meaning in delta
 * lists only, and those are refused, as is every critical extension.
 */
library CrlReader {
    using Der for Der.Cursor;

    struct Parsed {
        /// SHA-256 of the signed part.
        bytes32 digest;
        bytes32 r;
        bytes32 s;
        /// keccak256 over issuer name and authority key identifier, as in `Certificate.Parsed`.
        bytes32 issuerAndKeyId;
        uint256 thisUpdate;
        uint256 nextUpdate;
        uint256 revokedCount;
        /// The serial numbers, as `RevocationBuckets` keeps them.
        bytes[] buckets;
    }

    /// @dev The date that was read last, as its 15 bytes.
    struct Dates {
        uint256 last;
    }

    /// @notice Reads one list. Its signature is not checked here.
    function parse(bytes memory der, Part part) public view returns (Parsed memory parsed) {
        Der.Cursor memory cursor = Der.open(der, part);
        uint256 end = cursor.enter(Der.SEQUENCE);
        uint256 tbsAt = cursor.ptr;
        uint256 afterTbs = cursor.enter(Der.SEQUENCE);
        _readTbs(cursor, parsed);
        cursor.exit(afterTbs);
        parsed.digest = Memory.sha256Of(tbsAt, cursor.ptr - tbsAt);
        X509.readAlgorithm(cursor);
        (parsed.r, parsed.s) = X509.readSignature(cursor);
        cursor.exit(end);
        if (!cursor.isDone()) cursor.fail(DerFault.DATA_LEFT_OVER);
    }

    function _readTbs(Der.Cursor memory cursor, Parsed memory parsed) private pure {
        if (cursor.unsigned(Der.INTEGER, 1) != 1) cursor.fail(DerFault.VERSION_UNSUPPORTED);
        X509.readAlgorithm(cursor);
        bytes32 issuerHash = X509.hashName(cursor);
        parsed.thisUpdate = cursor.time();
        parsed.nextUpdate = cursor.time();
        if (cursor.peek() == Der.SEQUENCE) _readEntries(cursor, parsed);
        else parsed.buckets = RevocationBuckets.fill(new uint256[](0));
        if (cursor.isDone()) revert ITdxAttestationErrors.CrlExtensionMissing(cursor.part, "CRL number");
        uint256 end = cursor.enter(0xa0);
        bytes32 keyIdHash = _readListExtensions(cursor);
        cursor.exit(end);
        parsed.issuerAndKeyId = X509.nameAndKeyId(issuerHash, keyIdHash);
    }

    function _readEntries(Der.Cursor memory cursor, Parsed memory parsed) private pure {
        // An entry has no fewer than 20 bytes; what is allocated is trimmed below.
        uint256 end = cursor.enter(Der.SEQUENCE);
        uint256[] memory serials = new uint256[]((cursor.end - cursor.ptr) / 20 + 1);
        uint256 count = 0;
        Dates memory dates;
        while (!cursor.isDone()) {
            uint256 entryEnd = cursor.enter(Der.SEQUENCE);
            // Longer than a certificate's serial may be, and then no certificate's.
            uint256 serial = cursor.unsigned(Der.INTEGER, 32);
            _readDate(cursor, dates);
            if (!cursor.isDone() && !_skipReason(cursor)) _readEntryExtensions(cursor);
            cursor.exit(entryEnd);
            serials[count++] = serial;
        }
        cursor.exit(end);
        assembly ("memory-safe") {
            mstore(serials, count)
        }
        parsed.revokedCount = count;
        parsed.buckets = RevocationBuckets.fill(serials);
    }

    /// @dev Entries mostly have the date of the one before, down to the byte, and it need not be read again.
    function _readDate(Der.Cursor memory cursor, Dates memory dates) private pure {
        unchecked {
            uint256 encoded = Memory.word(cursor.ptr) >> 136;
            // UTCTime, 13 bytes.
            bool isKnown = encoded == dates.last && encoded >> 104 == 0x170d;
            if (isKnown && cursor.ptr + 15 <= cursor.end) {
                cursor.ptr += 15;
                return;
            }
            cursor.time();
            dates.last = encoded;
        }
    }

    /**
     * @dev Passes over extensions that are a reason code and nothing else, of which DER has one form.
     * All of Intel's entries have these 14 bytes, of which the last is the reason; reading them as any
     * extensions would take most of a long list's gas.
     */
    function _skipReason(Der.Cursor memory cursor) private pure returns (bool isReason) {
        unchecked {
            isReason = cursor.ptr + 14 == cursor.end
                && Memory.word(cursor.ptr) >> 152 == 0x300c300a0603551d1504030a01;
            if (isReason) cursor.ptr = cursor.end;
        }
    }

    function _readEntryExtensions(Der.Cursor memory cursor) private pure {
        X509.Extensions memory extensions = X509.enterExtensions(cursor);
        while (X509.nextExtension(cursor, extensions)) {
            if (
                extensions.isCritical && extensions.id != X509.REASON_CODE
                    && extensions.id != X509.INVALIDITY_DATE
            ) _refuse(cursor, extensions);
            cursor.ptr = extensions.valueEnd;
        }
        X509.exitExtensions(cursor, extensions);
    }

    function _readListExtensions(Der.Cursor memory cursor) private pure returns (bytes32 keyIdHash) {
        bool hasNumber = false;
        bool hasKeyId = false;
        X509.Extensions memory extensions = X509.enterExtensions(cursor);
        while (X509.nextExtension(cursor, extensions)) {
            bool isPartial = extensions.id == X509.DELTA_CRL_INDICATOR
                || extensions.id == X509.ISSUING_DISTRIBUTION_POINT;
            if (extensions.isCritical || isPartial) _refuse(cursor, extensions);
            uint256 end = cursor.end;
            cursor.end = extensions.valueEnd;
            if (extensions.id == X509.CRL_NUMBER) {
                hasNumber = true;
                cursor.unsigned(Der.INTEGER, 32);
            } else if (extensions.id == X509.AUTHORITY_KEY_IDENTIFIER) {
                hasKeyId = true;
                keyIdHash = X509.readAuthorityKeyIdentifier(cursor);
            } else {
                cursor.ptr = cursor.end;
            }
            cursor.exit(end);
        }
        X509.exitExtensions(cursor, extensions);
        if (!hasNumber) revert ITdxAttestationErrors.CrlExtensionMissing(cursor.part, "CRL number");
        if (!hasKeyId) revert ITdxAttestationErrors.CrlExtensionMissing(cursor.part, "authority key identifier");
    }

    function _refuse(Der.Cursor memory cursor, X509.Extensions memory extensions) private pure {
        revert ITdxAttestationErrors.CrlExtensionUnsupported(
            cursor.part, Memory.copy(extensions.idAt, extensions.idLength)
        );
    }
}
