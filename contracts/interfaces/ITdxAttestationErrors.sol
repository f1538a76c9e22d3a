// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Part, TcbStatus} from "../attestation/TdxTypes.sol";

/// @notice Why DER was refused (X.690, RFC 5280, Intel SGX PCK Certificate and CRL Profile).
enum DerFault {
    TRUNCATED,
    TAG_UNEXPECTED,
    LENGTH_NOT_CANONICAL,
    DATA_LEFT_OVER,
    INTEGER_NOT_CANONICAL,
    INTEGER_TOO_LARGE,
    BOOLEAN_NOT_CANONICAL,
    OBJECT_IDENTIFIER_MALFORMED,
    BIT_STRING_MALFORMED,
    TIME_MALFORMED,
    DEFAULT_ENCODED,
    TOO_LONG,
    VERSION_UNSUPPORTED,
    ALGORITHM_UNSUPPORTED,
    KEY_UNSUPPORTED,
    NAME_MALFORMED,
    EXTENSION_REPEATED,
    TOO_MANY_EXTENSIONS,
    FIELD_UNKNOWN,
    FIELD_REPEATED,
    FIELD_MISSING,
    FIELD_LENGTH
}

/// @notice Why JSON was refused (RFC 8259; Intel PCS v4 API).
enum JsonFault {
    SYNTAX,
    TOO_LONG,
    TOO_DEEP,
    STRING_UNSUPPORTED,
    NUMBER_UNSUPPORTED,
    NUMBER_TOO_LARGE,
    HEX_MALFORMED,
    TIME_MALFORMED,
    MEMBER_REPEATED,
    MEMBER_MISSING,
    VALUE_UNEXPECTED,
    LIST_EMPTY,
    LIST_LENGTH,
    LEVEL_REPEATED
}

/**
 * @notice Every way in which evidence or collateral is refused, with what was expected and found.
 * @dev Names are the codes of `docs/errors.md` in another spelling: `QuoteSignatureInvalid` here is
 * QUOTE_SIGNATURE_INVALID there. `subject` says in which part, where there are several.
 */
interface ITdxAttestationErrors {
    // The quote (Intel TDX DCAP Quoting Library API, appendix A.3 and A.4)
    error QuoteTruncated(uint256 expected, uint256 found);
    error QuoteVersionUnsupported(uint16 found);
    error QuoteIsSgx(uint16 found);
    error QuoteAttestationKeyTypeUnsupported(uint16 expected, uint16 found);
    error QuoteTeeTypeUnsupported(uint32 expected, uint32 found);
    error QuoteQeVendorUnknown(bytes16 expected, bytes16 found);
    error QuoteBodyTypeUnsupported(uint16 found);
    error QuoteBodySizeMismatch(uint32 expected, uint32 found);
    error QeReportSignatureInvalid();
    error QeReportDataMismatch(bytes32 expected, bytes32 found, bytes32 foundUpperHalf);
    error AttestationKeyInvalid(bytes32 x, bytes32 y);
    error QuoteSignatureInvalid();

    // The quote against collateral
    error PckCertificateNotCached(bytes32 found);
    error TcbInfoPceIdMismatch(bytes2 expected, bytes2 found);
    error TdxModuleIdentityMissing(uint8 expected);
    error TdxModuleSignerMismatch(bytes expected, bytes found);
    error TdxModuleAttributesMismatch(bytes8 expected, bytes8 found);
    error QeMiscselectMismatch(bytes4 expected, bytes4 found);
    error QeAttributesMismatch(bytes16 expected, bytes16 found);
    error QeMrsignerMismatch(bytes32 expected, bytes32 found);
    error QeIsvprodidMismatch(uint16 expected, uint16 found);
    error TcbLevelNotSupported(bytes16 sgxTcbComponents, uint16 pceSvn, bytes16 teeTcbSvn);
    error TdxModuleTcbNotSupported(uint8 moduleVersion, uint8 found);
    error QeTcbNotSupported(uint16 found);
    error TcbStatusUnknown(Part subject, bytes32 found);

    // Certificates
    error CertificateMalformed(Part subject, DerFault found, uint256 offset);
    error CertificateExtensionMissing(Part subject, bytes32 expected);
    error CertificateExtensionUnsupported(Part subject, bytes found);
    error CertificateSubjectUnexpected(Part subject, bytes expected, bytes found);
    error CertificateIssuerMismatch(Part subject, bytes32 expected, bytes32 found);
    error CertificateUsageForbidden(Part subject, bool isCa, uint256 keyUsage);
    error CertificateSignatureInvalid(Part subject);
    error CertificateNotYetValid(Part subject, uint256 expected, uint256 found);
    error CertificateExpired(Part subject, uint256 expected, uint256 found);
    error PckExtensionMalformed(DerFault found, uint256 offset);
    error RootRevoked(uint160 found);
    error PckCaRevoked(uint160 found);
    error PckRevoked(uint160 found);
    error TcbSignerRevoked(uint160 found);

    // Certificate revocation lists
    error CrlMalformed(Part subject, DerFault found, uint256 offset);
    error CrlExtensionMissing(Part subject, bytes32 expected);
    error CrlExtensionUnsupported(Part subject, bytes found);
    error CrlIssuerMismatch(Part subject, bytes32 expected, bytes32 found);
    error CrlSignatureInvalid(Part subject);
    error CrlNotYetValid(Part subject, uint256 expected, uint256 found);
    error CrlExpired(Part subject, uint256 expected, uint256 found);

    // TCB info and QE identity
    error TcbInfoMalformed(JsonFault found, bytes32 member, uint256 offset);
    error TcbInfoSignatureInvalid();
    error TcbInfoNotTdx(bytes32 expected, bytes32 found, uint256 version);
    error TcbInfoNotYetValid(uint256 expected, uint256 found);
    error TcbInfoExpired(uint256 expected, uint256 found);
    error QeIdentityMalformed(JsonFault found, bytes32 member, uint256 offset);
    error QeIdentitySignatureInvalid();
    error QeIdentityNotTdQe(bytes32 expected, bytes32 found);
    error QeIdentityNotYetValid(uint256 expected, uint256 found);
    error QeIdentityExpired(uint256 expected, uint256 found);

    // The store
    error CollateralMissing(Part subject, bytes32 expected);
    error CollateralNotNewer(Part subject, uint256 expected, uint256 found);
    error TcbEvaluationNumberSuperseded(uint16 found, uint256 since);
    error TcbEvaluationNumberUnknown(uint16 found);
    error ClockNotShortened(uint256 expected, uint256 found);
}
