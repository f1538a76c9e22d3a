// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DerFault, ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {Der} from "./Der.sol";
import {Memory} from "./Memory.sol";
import {PckExtension} from "./PckExtension.sol";
import {Part, PckLeaf} from "./TdxTypes.sol";
import {X509} from "./X509.sol";

/**
 * @title Certificates of Intel's profile (RFC 5280; Intel SGX PCK Certificate and CRL Profile
 * Specification, section 2): version 3, P-256, ecdsa-with-SHA256, strict DER
 */
library Certificate {
    using Der for Der.Cursor;

    /// @notice Bits of KeyUsage (RFC 5280, 4.2.1.3).
    uint256 internal constant DIGITAL_SIGNATURE = 1 << 0;
    uint256 internal constant CERT_SIGN = 1 << 5;
    uint256 internal constant CRL_SIGN = 1 << 6;

    /// @notice `pathLength` of a certificate without a limit.
    uint256 internal constant NO_LIMIT = type(uint256).max;

    /// @dev The largest certificate that is looked at: Intel's have at most 1.3 KB.
    uint256 private constant _MAX_LENGTH = 8192;

    struct Parsed {
        /// SHA-256 of the signed part: what the signature is over.
        bytes32 digest;
        /// keccak256 of the signed part: what identifies the certificate.
        bytes32 tbsHash;
        bytes32 r;
        bytes32 s;
        uint160 serial;
        uint256 notBefore;
        uint256 notAfter;
        bytes32 x;
        bytes32 y;
        /// keccak256 over issuer name and authority key identifier: the issuer's `subjectAndKeyId`.
        bytes32 issuerAndKeyId;
        /// keccak256 over subject name and subject key identifier; the same.
        bytes32 subjectAndKeyId;
        /// keccak256 over subject name and public key; not of a PCK certificate, which issues nothing.
        bytes32 issuerId;
        bytes commonName;
        bool isCa;
        uint256 pathLength;
        uint256 keyUsage;
    }

    /// @dev What is only needed while a certificate is read.
    struct Draft {
        uint256 subjectPtr;
        uint256 subjectLength;
        bytes32 authorityKeyIdHash;
        bytes32 subjectKeyIdHash;
        /// Where Intel's SGX extension lies, which only PCK certificates have; no length: there is none.
        uint256 sgxPtr;
        uint256 sgxLength;
    }

    /// @notice Reads one certificate. Its signature is not checked here.
    function parse(bytes memory der, Part part) public view returns (Parsed memory parsed) {
        Draft memory draft;
        (parsed, draft) = _parse(der, part);
        bytes32 subjectHash = Memory.hash(draft.subjectPtr, draft.subjectLength);
        parsed.subjectAndKeyId = X509.nameAndKeyId(subjectHash, draft.subjectKeyIdHash);
        parsed.issuerId =
            keccak256(bytes.concat(Memory.copy(draft.subjectPtr, draft.subjectLength), parsed.x, parsed.y));
    }

    /**
     * @notice Reads a PCK certificate.
     * @return parsed What all certificates say.
     * @return leaf What this kind says; who issued it is for the caller to fill in.
     */
    function parsePck(bytes memory der) public view returns (Parsed memory parsed, PckLeaf memory leaf) {
        Draft memory draft;
        (parsed, draft) = _parse(der, Part.PCK_CERTIFICATE);
        PckExtension.read(draft.sgxPtr, draft.sgxLength, leaf);
        leaf.tbsHash = parsed.tbsHash;
        leaf.x = parsed.x;
        leaf.y = parsed.y;
        leaf.serial = parsed.serial;
        leaf.notAfter = uint32(parsed.notAfter);
    }

    function _parse(bytes memory der, Part part) private view returns (Parsed memory parsed, Draft memory draft) {
        Der.Cursor memory cursor = Der.open(der, part);
        if (der.length > _MAX_LENGTH) cursor.fail(DerFault.TOO_LONG);
        uint256 end = cursor.enter(Der.SEQUENCE);
        uint256 tbsAt = cursor.ptr;
        uint256 afterTbs = cursor.enter(Der.SEQUENCE);
        _readTbs(cursor, parsed, draft);
        cursor.exit(afterTbs);
        uint256 tbsLength = cursor.ptr - tbsAt;
        parsed.digest = Memory.sha256Of(tbsAt, tbsLength);
        parsed.tbsHash = Memory.hash(tbsAt, tbsLength);
        X509.readAlgorithm(cursor);
        (parsed.r, parsed.s) = X509.readSignature(cursor);
        cursor.exit(end);
        if (!cursor.isDone()) cursor.fail(DerFault.DATA_LEFT_OVER);
    }

    function _readTbs(Der.Cursor memory cursor, Parsed memory parsed, Draft memory draft) private pure {
        uint256 end = cursor.enter(0xa0);
        if (cursor.unsigned(Der.INTEGER, 1) != 2) cursor.fail(DerFault.VERSION_UNSUPPORTED);
        cursor.exit(end);
        parsed.serial = uint160(cursor.unsigned(Der.INTEGER, 20));
        X509.readAlgorithm(cursor);
        bytes32 issuerHash = X509.hashName(cursor);
        end = cursor.enter(Der.SEQUENCE);
        parsed.notBefore = cursor.time();
        parsed.notAfter = cursor.time();
        cursor.exit(end);
        (draft.subjectPtr, draft.subjectLength, parsed.commonName) = X509.readName(cursor);
        (parsed.x, parsed.y) = X509.readPublicKey(cursor);
        end = cursor.enter(0xa3);
        _readExtensions(cursor, parsed, draft);
        cursor.exit(end);
        parsed.issuerAndKeyId = X509.nameAndKeyId(issuerHash, draft.authorityKeyIdHash);
    }

    function _readExtensions(Der.Cursor memory cursor, Parsed memory parsed, Draft memory draft) private pure {
        uint256 seen = 0;
        X509.Extensions memory extensions = X509.enterExtensions(cursor);
        while (X509.nextExtension(cursor, extensions)) {
            uint256 known = X509.NONE;
            uint256 end = cursor.end;
            cursor.end = extensions.valueEnd;
            if (extensions.id == X509.AUTHORITY_KEY_IDENTIFIER) {
                known = 1;
                draft.authorityKeyIdHash = X509.readAuthorityKeyIdentifier(cursor);
            } else if (extensions.id == X509.CRL_DISTRIBUTION_POINTS) {
                known = 2;
                cursor.ptr = cursor.end;
            } else if (extensions.id == X509.SUBJECT_KEY_IDENTIFIER) {
                known = 4;
                (uint256 ptr, uint256 length) = cursor.read(Der.OCTET_STRING);
                draft.subjectKeyIdHash = Memory.hash(ptr, length);
            } else if (extensions.id == X509.KEY_USAGE) {
                known = 8;
                parsed.keyUsage = cursor.namedBits();
            } else if (extensions.id == X509.BASIC_CONSTRAINTS) {
                known = 16;
                (parsed.isCa, parsed.pathLength) = _readBasicConstraints(cursor);
            } else if (extensions.id == X509.SGX) {
                known = 32;
                draft.sgxPtr = cursor.ptr;
                draft.sgxLength = cursor.end - cursor.ptr;
                cursor.ptr = cursor.end;
            } else {
                if (extensions.isCritical) {
                    revert ITdxAttestationErrors.CertificateExtensionUnsupported(
                        cursor.part, Memory.copy(extensions.idAt, extensions.idLength)
                    );
                }
                cursor.ptr = cursor.end;
            }
            cursor.exit(end);
            seen |= known;
        }
        X509.exitExtensions(cursor, extensions);
        if (seen & 31 != 31) revert ITdxAttestationErrors.CertificateExtensionMissing(cursor.part, _missing(seen));
    }

    function _missing(uint256 seen) private pure returns (bytes32) {
        if (seen & 1 == 0) return "authority key identifier";
        if (seen & 2 == 0) return "CRL distribution points";
        if (seen & 4 == 0) return "subject key identifier";
        return seen & 8 == 0 ? bytes32("key usage") : bytes32("basic constraints");
    }

    /// @dev RFC 5280, 4.2.1.9.
    function _readBasicConstraints(Der.Cursor memory cursor) private pure returns (bool isCa, uint256 pathLength) {
        uint256 end = cursor.enter(Der.SEQUENCE);
        pathLength = NO_LIMIT;
        if (!cursor.isDone()) {
            if (!cursor.boolean()) cursor.fail(DerFault.DEFAULT_ENCODED);
            isCa = true;
            if (!cursor.isDone()) pathLength = cursor.unsigned(Der.INTEGER, 1);
        }
        cursor.exit(end);
    }
}
