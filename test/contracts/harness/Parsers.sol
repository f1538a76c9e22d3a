// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Calendar} from "../../../contracts/attestation/Calendar.sol";
import {Certificate} from "../../../contracts/attestation/Certificate.sol";
import {CrlReader} from "../../../contracts/attestation/CrlReader.sol";
import {Der} from "../../../contracts/attestation/Der.sol";
import {Json} from "../../../contracts/attestation/Json.sol";
import {QeIdentityReader} from "../../../contracts/attestation/QeIdentityReader.sol";
import {RevocationBuckets} from "../../../contracts/attestation/RevocationBuckets.sol";
import {TcbInfoReader} from "../../../contracts/attestation/TcbInfoReader.sol";
import {TdxQuote} from "../../../contracts/attestation/TdxQuote.sol";
import {Part, PckLeaf, TcbClaims} from "../../../contracts/attestation/TdxTypes.sol";

/// @title Makes the parsers callable: each gives a result or reverts
contract Parsers {
    using Der for Der.Cursor;
    using Json for Json.Cursor;

    function certificate(bytes calldata der) external view {
        Certificate.parse(der, Part.PCK_CA);
    }

    function pckCertificate(bytes calldata der) external view returns (PckLeaf memory leaf) {
        (, leaf) = Certificate.parsePck(der);
    }

    function crl(bytes calldata der) external view returns (uint256) {
        return CrlReader.parse(der, Part.PCK_CRL).revokedCount;
    }

    function tcbInfo(bytes calldata json) external pure returns (bytes memory) {
        return TcbInfoReader.read(json, 0).data;
    }

    function qeIdentity(bytes calldata json) external pure returns (bytes memory) {
        return QeIdentityReader.read(json, 0).data;
    }

    function quote(bytes calldata bytes_) external pure returns (TcbClaims memory) {
        (uint256 body, uint256 signedLength) = TdxQuote.frame(bytes_);
        return TdxQuote.claims(bytes_, body, signedLength);
    }

    /// @notice One primitive of DER; `kind` says which.
    function primitive(bytes memory data, uint256 kind) external pure returns (uint256) {
        Der.Cursor memory cursor = Der.open(data, Part.ROOT);
        if (kind == 0) return cursor.unsigned(Der.INTEGER, 32);
        if (kind == 1) return cursor.boolean() ? 1 : 0;
        if (kind == 2) return uint256(cursor.objectIdentifier());
        if (kind == 3) return cursor.namedBits();
        if (kind == 4) return cursor.time();
        uint256 end = cursor.enter(Der.SEQUENCE);
        uint256 inner = cursor.unsigned(Der.INTEGER, 20);
        cursor.exit(end);
        return inner;
    }

    /// @notice Any JSON value, passed over.
    function skip(bytes memory json) external pure {
        Json.Cursor memory cursor = Json.open(json, false);
        cursor.skip();
        cursor.finish();
    }

    function text(bytes memory json) external pure returns (bytes32) {
        Json.Cursor memory cursor = Json.open(json, false);
        bytes32 found = cursor.word();
        cursor.finish();
        return found;
    }

    function number(bytes memory json, uint256 max) external pure returns (uint256 found) {
        Json.Cursor memory cursor = Json.open(json, false);
        found = cursor.number(max);
        cursor.finish();
    }

    function hexBytes(bytes memory json, uint256 length) external pure returns (bytes32 high, bytes32 low) {
        Json.Cursor memory cursor = Json.open(json, false);
        (high, low) = cursor.hexBytes(length);
        cursor.finish();
    }

    function jsonTime(bytes memory json) external pure returns (uint256 found) {
        Json.Cursor memory cursor = Json.open(json, false);
        found = cursor.time();
        cursor.finish();
    }

    function toUnix(uint256 year, bytes10 rest) external pure returns (bool ok, uint256 seconds_) {
        return Calendar.toUnix(year, uint256(bytes32(rest)));
    }

    function buckets(uint256[] memory serials) external pure returns (bytes[] memory) {
        return RevocationBuckets.fill(serials);
    }

    function contains(bytes[] memory filled, uint256 count, uint256 serial) external pure returns (bool) {
        uint256 bits = RevocationBuckets.bitsOf(count);
        bytes memory code = abi.encodePacked(hex"00", filled[RevocationBuckets.bucketOf(serial, bits)]);
        return RevocationBuckets.contains(code, serial);
    }
}
