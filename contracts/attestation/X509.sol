// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DerFault} from "../interfaces/ITdxAttestationErrors.sol";
import {Der} from "./Der.sol";
import {Memory} from "./Memory.sol";

/// @title What certificates and revocation lists have in common (RFC 5280, sections 4 and 5)
library X509 {
    using Der for Der.Cursor;

    // Extensions, as keccak256 of the content of their object identifiers.
    bytes32 internal constant SUBJECT_KEY_IDENTIFIER = keccak256(hex"551d0e");
    bytes32 internal constant KEY_USAGE = keccak256(hex"551d0f");
    bytes32 internal constant BASIC_CONSTRAINTS = keccak256(hex"551d13");
    bytes32 internal constant CRL_NUMBER = keccak256(hex"551d14");
    bytes32 internal constant REASON_CODE = keccak256(hex"551d15");
    bytes32 internal constant INVALIDITY_DATE = keccak256(hex"551d18");
    bytes32 internal constant DELTA_CRL_INDICATOR = keccak256(hex"551d1b");
    bytes32 internal constant ISSUING_DISTRIBUTION_POINT = keccak256(hex"551d1c");
    bytes32 internal constant CRL_DISTRIBUTION_POINTS = keccak256(hex"551d1f");
    bytes32 internal constant AUTHORITY_KEY_IDENTIFIER = keccak256(hex"551d23");
    /// @dev 1.2.840.113741.1.13.1
    bytes32 internal constant SGX = keccak256(hex"2a864886f84d010d01");

    uint256 internal constant NONE = 0;

    bytes32 private constant _COMMON_NAME = keccak256(hex"550403");
    uint256 private constant _MAX_NAME_LENGTH = 512;
    uint256 private constant _MAX_EXTENSIONS = 16;

    /// @dev Extensions as they are walked through.
    struct Extensions {
        uint256 outerEnd;
        bytes32[] ids;
        uint256 count;
        /// Of the one that is being looked at.
        bytes32 id;
        uint256 idAt;
        uint256 idLength;
        bool isCritical;
        uint256 valueEnd;
    }

    /// @dev How a name and a key identifier, which say who signed, are compared: by a hash over their hashes.
    function nameAndKeyId(bytes32 nameHash, bytes32 keyIdHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(nameHash, keyIdHash));
    }

    /// @dev AlgorithmIdentifier of ecdsa-with-SHA256, of which DER has one form (RFC 5758, 3.2).
    function readAlgorithm(Der.Cursor memory cursor) internal pure {
        if (cursor.ptr + 12 > cursor.end || Memory.word(cursor.ptr) >> 160 != 0x300a06082a8648ce3d040302) {
            cursor.fail(DerFault.ALGORITHM_UNSUPPORTED);
        }
        cursor.ptr += 12;
    }

    /// @dev SubjectPublicKeyInfo of an uncompressed P-256 point, of which DER has one form (RFC 5480, 2).
    function readPublicKey(Der.Cursor memory cursor) internal pure returns (bytes32 x, bytes32 y) {
        uint256 ptr = cursor.ptr;
        if (
            ptr + 91 > cursor.end
                || Memory.word(ptr) >> 40 != 0x3059301306072a8648ce3d020106082a8648ce3d03010703420004
        ) cursor.fail(DerFault.KEY_UNSUPPORTED);
        x = bytes32(Memory.word(ptr + 27));
        y = bytes32(Memory.word(ptr + 59));
        cursor.ptr = ptr + 91;
    }

    /// @dev A BIT STRING that holds an ECDSA-Sig-Value (RFC 3279, 2.2.3).
    function readSignature(Der.Cursor memory cursor) internal pure returns (bytes32 r, bytes32 s) {
        uint256 bitsEnd = cursor.enter(Der.BIT_STRING);
        // The count of unused bits.
        if (cursor.peek() != 0) cursor.fail(DerFault.BIT_STRING_MALFORMED);
        cursor.ptr += 1;
        uint256 end = cursor.enter(Der.SEQUENCE);
        r = bytes32(cursor.unsigned(Der.INTEGER, 32));
        s = bytes32(cursor.unsigned(Der.INTEGER, 32));
        cursor.exit(end);
        cursor.exit(bitsEnd);
    }

    /// @dev The name of an issuer, which is compared with one that was read, and so need not be.
    function hashName(Der.Cursor memory cursor) internal pure returns (bytes32) {
        uint256 ptr = cursor.ptr;
        cursor.read(Der.SEQUENCE);
        return Memory.hash(ptr, cursor.ptr - ptr);
    }

    /**
     * @dev A distinguished name (RFC 5280, 4.1.2.4): each attribute a set of its own, values that are
     * text, at most one common name. Names are compared as DER, byte for byte.
     */
    function readName(Der.Cursor memory cursor)
        internal
        pure
        returns (uint256 ptr, uint256 length, bytes memory commonName)
    {
        ptr = cursor.ptr;
        uint256 end = cursor.enter(Der.SEQUENCE);
        length = cursor.end - ptr;
        if (length > _MAX_NAME_LENGTH) cursor.fail(DerFault.TOO_LONG);
        bool hasCommonName = false;
        while (!cursor.isDone()) {
            uint256 setEnd = cursor.enter(Der.SET);
            uint256 attributeEnd = cursor.enter(Der.SEQUENCE);
            bool isCommonName = cursor.objectIdentifier() == _COMMON_NAME;
            uint256 tag = cursor.peek();
            if (tag != Der.UTF8_STRING && tag != Der.PRINTABLE_STRING && tag != Der.IA5_STRING) {
                cursor.fail(DerFault.NAME_MALFORMED);
            }
            (uint256 valueAt, uint256 valueLength) = cursor.read(tag);
            if (isCommonName) {
                if (hasCommonName) cursor.fail(DerFault.NAME_MALFORMED);
                hasCommonName = true;
                commonName = Memory.copy(valueAt, valueLength);
            }
            cursor.exit(attributeEnd);
            cursor.exit(setEnd);
        }
        cursor.exit(end);
    }

    /// @dev Extensions (RFC 5280, 4.1): at least one, none twice.
    function enterExtensions(Der.Cursor memory cursor) internal pure returns (Extensions memory extensions) {
        extensions.outerEnd = cursor.enter(Der.SEQUENCE);
        extensions.ids = new bytes32[](_MAX_EXTENSIONS);
        if (cursor.isDone()) cursor.fail(DerFault.TRUNCATED);
    }

    /**
     * @dev Moves to the next extension; false after the last. The cursor then stands at the value,
     * which ends at `valueEnd`, and the extension with it: whoever reads it narrows the cursor to that.
     */
    function nextExtension(Der.Cursor memory cursor, Extensions memory extensions) internal pure returns (bool) {
        if (cursor.isDone()) return false;
        uint256 end = cursor.enter(Der.SEQUENCE);
        extensions.idAt = cursor.ptr + 2;
        bytes32 id = cursor.objectIdentifier();
        extensions.idLength = cursor.ptr - extensions.idAt;
        extensions.id = id;
        extensions.isCritical = false;
        if (cursor.peek() == Der.BOOLEAN) {
            // FALSE is the default, and DER leaves defaults out.
            if (!cursor.boolean()) cursor.fail(DerFault.DEFAULT_ENCODED);
            extensions.isCritical = true;
        }
        (uint256 ptr, uint256 length) = cursor.read(Der.OCTET_STRING);
        cursor.exit(end);
        bytes32[] memory ids = extensions.ids;
        uint256 count = extensions.count;
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                if (ids[i] == id) cursor.fail(DerFault.EXTENSION_REPEATED);
            }
            if (count == _MAX_EXTENSIONS) cursor.fail(DerFault.TOO_MANY_EXTENSIONS);
            ids[count] = id;
            extensions.count = count + 1;
            cursor.ptr = ptr;
            extensions.valueEnd = ptr + length;
        }
        return true;
    }

    function exitExtensions(Der.Cursor memory cursor, Extensions memory extensions) internal pure {
        cursor.exit(extensions.outerEnd);
    }

    /// @dev The hash of the key identifier of an AuthorityKeyIdentifier (RFC 5280, 4.2.1.1), which has nothing else.
    function readAuthorityKeyIdentifier(Der.Cursor memory cursor) internal pure returns (bytes32) {
        uint256 end = cursor.enter(Der.SEQUENCE);
        (uint256 ptr, uint256 length) = cursor.read(0x80);
        cursor.exit(end);
        return Memory.hash(ptr, length);
    }
}
