// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {Certificate} from "./Certificate.sol";
import {Issuers} from "./Issuers.sol";
import {PckExtension} from "./PckExtension.sol";
import {Part, PckLeaf} from "./TdxTypes.sol";

/**
 * @title PCK certificates that have been verified
 *
 * @notice A machine keeps its PCK certificate for years, so it is verified once. What is kept is one
 * slot: 20 bytes of a hash over what the certificate says, which whoever uses it brings along. To
 * pass off another certificate would take a second preimage.
 *
 * Revocation is not kept: it is looked up each time, in the list in force.
 */
abstract contract PckCertificates is Issuers {
    struct Known {
        bytes20 digest;
        uint32 notAfter;
    }

    mapping(bytes32 tbsHash => Known) private _known;

    /// @inheritdoc ITdxAttestation
    function cachePckCertificate(bytes calldata certificate, bytes32 issuerId)
        external
        returns (PckLeaf memory leaf)
    {
        Issuer memory issuer = _issuerInForce(issuerId, Part.PCK_CA);
        Certificate.Parsed memory parsed = Certificate.parse(certificate, Part.PCK_CERTIFICATE);
        _expectSubject(parsed, Part.PCK_CERTIFICATE, "SGX PCK Certificate");
        _expectUsage(parsed, Part.PCK_CERTIFICATE, false, Certificate.DIGITAL_SIGNATURE);
        _expectIssuedBy(parsed, issuer, Part.PCK_CERTIFICATE);
        leaf = PckExtension.read(parsed.sgxExtension);
        leaf.tbsHash = parsed.tbsHash;
        leaf.issuerId = issuerId;
        leaf.x = parsed.x;
        leaf.y = parsed.y;
        leaf.serial = parsed.serial;
        leaf.notAfter = uint32(parsed.notAfter);
        _known[leaf.tbsHash] = Known(_digestOf(leaf), leaf.notAfter);
        emit PckCertificateCached(leaf.tbsHash, leaf.platformId, leaf);
    }

    /// @inheritdoc ITdxAttestation
    function pckCertificateOf(bytes32 tbsHash) external view returns (bytes20 digest, uint32 notAfter) {
        Known memory known = _known[tbsHash];
        return (known.digest, known.notAfter);
    }

    /// @dev Refuses what was never verified in this form, or has expired.
    function _expectKnown(PckLeaf memory leaf) internal view {
        Known memory known = _known[leaf.tbsHash];
        if (known.notAfter == 0 || known.digest != _digestOf(leaf)) revert PckCertificateNotCached(leaf.tbsHash);
        if (block.timestamp > known.notAfter) {
            revert CertificateExpired(Part.PCK_CERTIFICATE, known.notAfter, block.timestamp);
        }
    }

    function _digestOf(PckLeaf memory leaf) private pure returns (bytes20) {
        return bytes20(keccak256(abi.encode(leaf)));
    }
}
