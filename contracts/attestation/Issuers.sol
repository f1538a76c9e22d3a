// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {Certificate} from "./Certificate.sol";
import {RevocationLists} from "./RevocationLists.sol";
import {Part} from "./TdxTypes.sol";

/**
 * @title The two kinds of certificates that the root signs: PCK CAs and TCB signers
 *
 * @notice An issuer is a name and a key. A newer certificate of the same issuer replaces the older
 * one; a revoked one makes all that it signed unusable, at once and wherever it is kept.
 */
abstract contract Issuers is RevocationLists {
    mapping(bytes32 issuerId => Issuer) private _issuers;

    /// @inheritdoc ITdxAttestation
    function uploadPckCa(bytes calldata certificate) external returns (bytes32 issuerId) {
        Certificate.Parsed memory parsed = Certificate.parse(certificate, Part.PCK_CA);
        if (
            !_contains(parsed.commonName, "SGX PCK Platform CA")
                && !_contains(parsed.commonName, "SGX PCK Processor CA")
        ) revert CertificateSubjectUnexpected(Part.PCK_CA, "SGX PCK Platform CA", parsed.commonName);
        _expectUsage(parsed, Part.PCK_CA, true, Certificate.CERT_SIGN | Certificate.CRL_SIGN);
        return _put(parsed, Part.PCK_CA);
    }

    /// @inheritdoc ITdxAttestation
    function uploadTcbSigner(bytes calldata certificate) external returns (bytes32 issuerId) {
        Certificate.Parsed memory parsed = Certificate.parse(certificate, Part.TCB_SIGNER);
        _expectSubject(parsed, Part.TCB_SIGNER, "SGX TCB Signing");
        _expectUsage(parsed, Part.TCB_SIGNER, false, Certificate.DIGITAL_SIGNATURE);
        return _put(parsed, Part.TCB_SIGNER);
    }

    /// @inheritdoc ITdxAttestation
    function issuerOf(bytes32 issuerId) external view returns (Issuer memory) {
        return _issuers[issuerId];
    }

    function _put(Certificate.Parsed memory parsed, Part part) private returns (bytes32 issuerId) {
        _expectIssuedByRoot(parsed, part);
        Crl memory rootCrl = _crlInForce(rootId(), Part.ROOT_CRL);
        _refuseRevoked(rootCrl, parsed.serial, part);
        issuerId = parsed.issuerId;
        uint256 present = _issuers[issuerId].notBefore;
        if (parsed.notBefore <= present) revert CollateralNotNewer(part, present + 1, parsed.notBefore);
        _issuers[issuerId] = Issuer({
            x: parsed.x,
            y: parsed.y,
            nameAndKeyId: parsed.subjectAndKeyId,
            serial: parsed.serial,
            notBefore: uint32(parsed.notBefore),
            notAfter: uint32(parsed.notAfter),
            isPckCa: part == Part.PCK_CA
        });
        emit IssuerUploaded(issuerId, part == Part.PCK_CA, parsed.serial, parsed.notAfter);
    }

    /// @dev An issuer of this kind that may sign now. Its own period is checked, and the root CRL.
    function _issuerInForce(bytes32 issuerId, Part part) internal view returns (Issuer memory issuer) {
        issuer = _issuers[issuerId];
        if (issuer.notAfter == 0 || issuer.isPckCa != (part == Part.PCK_CA)) revert CollateralMissing(part, issuerId);
        if (block.timestamp > issuer.notAfter) revert CertificateExpired(part, issuer.notAfter, block.timestamp);
        _refuseRevoked(_crlInForce(rootId(), Part.ROOT_CRL), issuer.serial, part);
    }

    /// @dev What one signed dies with its signer. Costs a comparison while the root CRL is empty.
    function _refuseRevokedIssuer(Crl memory rootCrl, bytes32 issuerId, Part part) internal view {
        if (rootCrl.revokedCount > 0) _refuseRevoked(rootCrl, _issuers[issuerId].serial, part);
    }

    function _refuseRevoked(Crl memory rootCrl, uint160 serial, Part part) private view {
        bytes32 root = rootId();
        if (_isListed(root, rootCrl, _rootSerial())) revert RootRevoked(_rootSerial());
        if (!_isListed(root, rootCrl, serial)) return;
        if (part == Part.PCK_CA) revert PckCaRevoked(serial);
        revert TcbSignerRevoked(serial);
    }

    function _crlIssuer(bytes32 issuerId) internal view override returns (Issuer memory) {
        return _issuerInForce(issuerId, Part.PCK_CA);
    }
}
