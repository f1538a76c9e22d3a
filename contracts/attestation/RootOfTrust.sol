// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {Certificate} from "./Certificate.sol";
import {Memory} from "./Memory.sol";
import {P256Signature} from "./P256Signature.sol";
import {Part} from "./TdxTypes.sol";

/**
 * @title The root certificate that everything chains to, pinned at construction
 *
 * @notice No other certificate will do, whatever its name or key. A deployment under a root that is
 * not Intel's says so for ever, in `isIntelRoot` and in an event.
 */
abstract contract RootOfTrust is ITdxAttestation {
    /// @dev SHA-256 of Intel's SGX Root CA certificate as DER.
    bytes32 private constant _INTEL_SGX_ROOT_CA = 0x44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3;

    bytes32 private immutable _ROOT_ID;
    bytes32 private immutable _ROOT_FINGERPRINT;
    bytes32 private immutable _ROOT_X;
    bytes32 private immutable _ROOT_Y;
    bytes32 private immutable _ROOT_NAME_AND_KEY_ID;
    uint160 private immutable _ROOT_SERIAL;
    uint32 private immutable _ROOT_NOT_BEFORE;
    uint32 private immutable _ROOT_NOT_AFTER;
    /// @dev Whether the root may only sign end-entity certificates (RFC 5280, 4.2.1.9).
    bool private immutable _ROOT_SIGNS_NO_CA;

    constructor(bytes memory rootCertificate) {
        Certificate.Parsed memory root = Certificate.parse(rootCertificate, Part.ROOT);
        if (root.issuerAndKeyId != root.subjectAndKeyId) {
            revert CertificateIssuerMismatch(Part.ROOT, root.subjectAndKeyId, root.issuerAndKeyId);
        }
        _expectUsage(root, Part.ROOT, true, Certificate.CERT_SIGN | Certificate.CRL_SIGN);
        if (!P256Signature.isValid(root.digest, root.r, root.s, root.x, root.y)) {
            revert CertificateSignatureInvalid(Part.ROOT);
        }
        _ROOT_ID = root.issuerId;
        _ROOT_FINGERPRINT = sha256(rootCertificate);
        _ROOT_X = root.x;
        _ROOT_Y = root.y;
        _ROOT_NAME_AND_KEY_ID = root.subjectAndKeyId;
        _ROOT_SERIAL = root.serial;
        _ROOT_NOT_BEFORE = uint32(root.notBefore);
        _ROOT_NOT_AFTER = uint32(root.notAfter);
        _ROOT_SIGNS_NO_CA = root.pathLength == 0;
        if (!isIntelRoot()) emit DevelopmentRoot(_ROOT_FINGERPRINT);
    }

    /// @inheritdoc ITdxAttestation
    function rootId() public view returns (bytes32) {
        return _ROOT_ID;
    }

    /// @notice SHA-256 of the root certificate as DER.
    function rootFingerprint() public view returns (bytes32) {
        return _ROOT_FINGERPRINT;
    }

    /// @notice Whether quotes come from real machines rather than from a simulator.
    function isIntelRoot() public view returns (bool) {
        return _ROOT_FINGERPRINT == _INTEL_SGX_ROOT_CA;
    }

    function _root() internal view returns (Issuer memory) {
        return Issuer({
            x: _ROOT_X,
            y: _ROOT_Y,
            nameAndKeyId: _ROOT_NAME_AND_KEY_ID,
            serial: _ROOT_SERIAL,
            notBefore: _ROOT_NOT_BEFORE,
            notAfter: _ROOT_NOT_AFTER,
            isPckCa: false
        });
    }

    function _rootSerial() internal view returns (uint160) {
        return _ROOT_SERIAL;
    }

    function _rootNotAfter() internal view returns (uint32) {
        return _ROOT_NOT_AFTER;
    }

    /// @dev Checks one link of a chain (RFC 5280, 6.1) as far as the two certificates go.
    function _expectIssuedBy(Certificate.Parsed memory certificate, Issuer memory issuer, Part part) internal view {
        if (certificate.issuerAndKeyId != issuer.nameAndKeyId) {
            revert CertificateIssuerMismatch(part, issuer.nameAndKeyId, certificate.issuerAndKeyId);
        }
        if (!P256Signature.isValid(certificate.digest, certificate.r, certificate.s, issuer.x, issuer.y)) {
            revert CertificateSignatureInvalid(part);
        }
        if (block.timestamp < certificate.notBefore) {
            revert CertificateNotYetValid(part, certificate.notBefore, block.timestamp);
        }
        if (block.timestamp > certificate.notAfter) {
            revert CertificateExpired(part, certificate.notAfter, block.timestamp);
        }
    }

    /// @dev The same for a certificate that the root signed.
    function _expectIssuedByRoot(Certificate.Parsed memory certificate, Part part) internal view {
        if (certificate.isCa && _ROOT_SIGNS_NO_CA) {
            revert CertificateUsageForbidden(part, certificate.isCa, certificate.keyUsage);
        }
        if (block.timestamp < _ROOT_NOT_BEFORE) {
            revert CertificateNotYetValid(Part.ROOT, _ROOT_NOT_BEFORE, block.timestamp);
        }
        _expectIssuedBy(certificate, _root(), part);
    }

    function _expectUsage(Certificate.Parsed memory certificate, Part part, bool isCa, uint256 keyUsage)
        internal
        pure
    {
        if (certificate.isCa != isCa || certificate.keyUsage & keyUsage != keyUsage) {
            revert CertificateUsageForbidden(part, certificate.isCa, certificate.keyUsage);
        }
    }

    function _expectSubject(Certificate.Parsed memory certificate, Part part, bytes memory phrase) internal pure {
        if (!_contains(certificate.commonName, phrase)) {
            revert CertificateSubjectUnexpected(part, phrase, certificate.commonName);
        }
    }

    function _contains(bytes memory text, bytes memory phrase) internal pure returns (bool) {
        unchecked {
            bytes32 hash = keccak256(phrase);
            for (uint256 from = 0; from + phrase.length <= text.length; ++from) {
                if (Memory.hash(Memory.start(text) + from, phrase.length) == hash) return true;
            }
        }
        return false;
    }
}
