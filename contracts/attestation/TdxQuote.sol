// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {TcbClaims} from "./TdxTypes.sol";

/**
 * @title A TDX quote of version 4 or 5 in its compact form: what is signed, and the signatures
 *
 * @notice Lengths, types and the PEM chain of a quote are under no signature; they stay at home.
 * Nothing may be identified by a hash over these bytes: signatures are malleable.
 *
 * Intel TDX DCAP Quoting Library API, appendix A.3. Integers are little-endian. With S, the length of
 * the signed region, 632 for version 4, else 638 (TD 1.0) or 702 (TD 1.5):
 *
 * | offset  | length | field                                              |
 * | ------: | -----: | -------------------------------------------------- |
 * |       0 |     48 | header                                             |
 * |      48 |      6 | version 5 only: body type (2), body size (4)       |
 * | S - 584 |    584 | body (TD 1.5: S - 648 and 648)                     |
 * |       S |     64 | quote signature, r and s                           |
 * |  S + 64 |     64 | attestation key, x and y                           |
 * | S + 128 |    384 | QE report                                          |
 * | S + 512 |     64 | QE report signature, r and s                       |
 * | S + 576 |        | QE authentication data, to the end                 |
 */
library TdxQuote {
    uint256 internal constant BODY = 48;
    uint256 internal constant BODY_V5 = 54;
    uint256 internal constant TD10_LENGTH = 584;
    uint256 internal constant TD15_LENGTH = 648;

    uint256 private constant _ATTESTATION_KEY = 64;
    uint256 private constant _QE_REPORT = 128;
    uint256 private constant _QE_REPORT_LENGTH = 384;
    uint256 private constant _QE_SIGNATURE = 512;
    uint256 private constant _QE_AUTH_DATA = 576;

    uint16 private constant _ECDSA_P256 = 2;
    uint32 private constant _TEE_TDX = 0x81;
    bytes16 private constant _INTEL = 0x939a7233f79c4ca9940a0db3957f0607;
    uint16 private constant _BODY_TD10 = 2;
    uint16 private constant _BODY_TD15 = 3;

    /// @notice Checks the header and says where the body is (QVL `Quote::validate`).
    /// @return body Offset of the body.
    /// @return signedLength Length of the signed region.
    function frame(bytes calldata quote) internal pure returns (uint256 body, uint256 signedLength) {
        if (quote.length < BODY + TD10_LENGTH) {
            revert ITdxAttestationErrors.QuoteTruncated(BODY + TD10_LENGTH, quote.length);
        }
        uint256 header = word(quote, 0);
        uint16 version = _u16(header, 0);
        uint32 teeType = _u32(header, 4);
        if (teeType == 0 && version > 2 && version < 6) revert ITdxAttestationErrors.QuoteIsSgx(version);
        if (version != 4 && version != 5) revert ITdxAttestationErrors.QuoteVersionUnsupported(version);
        uint16 keyType = _u16(header, 2);
        if (keyType != _ECDSA_P256) {
            revert ITdxAttestationErrors.QuoteAttestationKeyTypeUnsupported(_ECDSA_P256, keyType);
        }
        if (teeType != _TEE_TDX) revert ITdxAttestationErrors.QuoteTeeTypeUnsupported(_TEE_TDX, teeType);
        bytes16 vendor = bytes16(bytes32(word(quote, 12)));
        if (vendor != _INTEL) revert ITdxAttestationErrors.QuoteQeVendorUnknown(_INTEL, vendor);

        body = version == 4 ? BODY : BODY_V5;
        uint256 length = version == 4 ? TD10_LENGTH : _bodyLength(word(quote, BODY));
        signedLength = body + length;
        uint256 expected = signedLength + _QE_AUTH_DATA;
        if (quote.length < expected) revert ITdxAttestationErrors.QuoteTruncated(expected, quote.length);
    }

    /// @notice What the TCB is judged by.
    function claims(bytes calldata quote, uint256 body, uint256 signedLength)
        internal
        pure
        returns (TcbClaims memory tcb)
    {
        uint256 qe = signedLength + _QE_REPORT;
        tcb.teeTcbSvn = bytes16(bytes32(word(quote, body)));
        tcb.teeTcbSvn2 =
            signedLength - body == TD15_LENGTH ? bytes16(bytes32(word(quote, body + TD10_LENGTH))) : tcb.teeTcbSvn;
        tcb.mrSignerSeamHigh = bytes32(word(quote, body + 64));
        tcb.mrSignerSeamLow = bytes16(bytes32(word(quote, body + 96)));
        tcb.seamAttributes = bytes8(bytes32(word(quote, body + 112)));
        tcb.qeMiscSelect = bytes4(bytes32(word(quote, qe + 16)));
        tcb.qeAttributes = bytes16(bytes32(word(quote, qe + 48)));
        tcb.qeMrSigner = bytes32(word(quote, qe + 128));
        uint256 ids = word(quote, qe + 256);
        tcb.qeIsvProdId = _u16(ids, 0);
        tcb.qeIsvSvn = _u16(ids, 2);
    }

    function quoteSignature(bytes calldata quote, uint256 signedLength) internal pure returns (bytes32 r, bytes32 s) {
        return _pair(quote, signedLength);
    }

    function attestationKey(bytes calldata quote, uint256 signedLength) internal pure returns (bytes32 x, bytes32 y) {
        return _pair(quote, signedLength + _ATTESTATION_KEY);
    }

    function qeReport(bytes calldata quote, uint256 signedLength) internal pure returns (bytes calldata) {
        uint256 ptr = signedLength + _QE_REPORT;
        return quote[ptr:ptr + _QE_REPORT_LENGTH];
    }

    function qeReportSignature(bytes calldata quote, uint256 signedLength)
        internal
        pure
        returns (bytes32 r, bytes32 s)
    {
        return _pair(quote, signedLength + _QE_SIGNATURE);
    }

    /// @notice Both halves of the QE report data; the first binds the attestation key.
    function qeReportData(bytes calldata quote, uint256 signedLength)
        internal
        pure
        returns (bytes32 lower, bytes32 upper)
    {
        return _pair(quote, signedLength + _QE_REPORT + 320);
    }

    /// @notice What the QE report data is a hash of: attestation key and QE authentication data.
    function boundBytes(bytes calldata quote, uint256 signedLength) internal pure returns (bytes memory) {
        return bytes.concat(
            quote[signedLength + _ATTESTATION_KEY:signedLength + _QE_REPORT], quote[signedLength + _QE_AUTH_DATA:]
        );
    }

    /// @notice Where the body of a quote that has been verified is, and whether it is a TD 1.5 report.
    function bodyOf(bytes calldata quote) internal pure returns (uint256 body, bool isTd15) {
        uint256 header = word(quote, 0);
        if (_u16(header, 0) == 4) return (BODY, false);
        return (BODY_V5, _u16(word(quote, BODY), 0) == _BODY_TD15);
    }

    /// @dev 32 bytes at `offset`, zero beyond the end. `frame` has checked that they are there.
    function word(bytes calldata quote, uint256 offset) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(quote.offset, offset))
        }
    }

    function _bodyLength(uint256 descriptor) private pure returns (uint256) {
        uint16 bodyType = _u16(descriptor, 0);
        if (bodyType != _BODY_TD10 && bodyType != _BODY_TD15) {
            revert ITdxAttestationErrors.QuoteBodyTypeUnsupported(bodyType);
        }
        uint256 expected = bodyType == _BODY_TD10 ? TD10_LENGTH : TD15_LENGTH;
        uint32 size = _u32(descriptor, 2);
        if (size != expected) revert ITdxAttestationErrors.QuoteBodySizeMismatch(uint32(expected), size);
        return expected;
    }

    function _pair(bytes calldata quote, uint256 offset) private pure returns (bytes32, bytes32) {
        return (bytes32(word(quote, offset)), bytes32(word(quote, offset + 32)));
    }

    function _u16(uint256 w, uint256 index) private pure returns (uint16) {
        unchecked {
            uint256 pair = w >> (240 - 8 * index);
            return uint16(((pair & 0xff) << 8) | ((pair >> 8) & 0xff));
        }
    }

    function _u32(uint256 w, uint256 index) private pure returns (uint32) {
        unchecked {
            return uint32(_u16(w, index)) | (uint32(_u16(w, index + 2)) << 16);
        }
    }
}
