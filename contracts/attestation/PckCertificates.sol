// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {Certificate} from "./Certificate.sol";
import {Issuers} from "./Issuers.sol";
import {Part, PckLeaf} from "./TdxTypes.sol";

/**
 * @title PCK certificates that have been verified
 *
 * @notice A machine keeps its PCK certificate for years, so it is verified once. What is kept is one
 * slot: 20 bytes of a hash over what the certificate says, which whoever uses it brings along. To
 * pass off another certificate would take a second preimage.
 *
 * The slot also says in which revocation list the certificate was last looked up and not found, by
 * that list's `thisUpdate`. Under that list it need not be looked up again; under any other it is,
 * every time, until someone caches it again.
 */
abstract contract PckCertificates is Issuers {
    struct Known {
        bytes20 digest;
        uint32 notAfter;
        uint32 clearedBy;
    }

    mapping(bytes32 tbsHash => Known) private _known;

    /// @inheritdoc ITdxAttestation
    function cachePckCertificate(bytes calldata certificate, bytes32 issuerId)
        external
        returns (PckLeaf memory leaf)
    {
        Issuer memory issuer = _issuerInForce(issuerId, Part.PCK_CA);
        Certificate.Parsed memory parsed;
        (parsed, leaf) = Certificate.parsePck(certificate);
        _expectSubject(parsed, Part.PCK_CERTIFICATE, "SGX PCK Certificate");
        _expectUsage(parsed, Part.PCK_CERTIFICATE, false, Certificate.DIGITAL_SIGNATURE);
        _expectIssuedBy(parsed, issuer, Part.PCK_CERTIFICATE);
        leaf.issuerId = issuerId;
        Crl memory crl = _crlInForce(issuerId, Part.PCK_CRL);
        if (_isListed(issuerId, crl, leaf.serial)) revert PckRevoked(leaf.serial);
        _known[leaf.tbsHash] =
            Known({digest: bytes20(keccak256(abi.encode(leaf))), notAfter: leaf.notAfter, clearedBy: crl.thisUpdate});
        emit PckCertificateCached(leaf.tbsHash, issuerId, leaf.platformId, leaf.notAfter);
    }

    /// @inheritdoc ITdxAttestation
    function pckCertificateOf(bytes32 tbsHash)
        external
        view
        returns (bytes20 digest, uint32 notAfter, uint32 clearedBy)
    {
        Known memory known = _known[tbsHash];
        return (known.digest, known.notAfter, known.clearedBy);
    }

    /// @dev Refuses what was never verified in this form, or has expired.
    /// @return clearedBy Under which list it is known not to be revoked.
    function _expectKnown(PckLeaf calldata leaf) internal view returns (uint32 clearedBy) {
        Known memory known = _known[leaf.tbsHash];
        if (known.notAfter == 0 || known.digest != _digestOf(leaf)) revert PckCertificateNotCached(leaf.tbsHash);
        if (block.timestamp > known.notAfter) {
            revert CertificateExpired(Part.PCK_CERTIFICATE, known.notAfter, block.timestamp);
        }
        return known.clearedBy;
    }

    /// @dev The same bytes as those of `abi.encode(leaf)`: the struct has no part of variable length.
    function _digestOf(PckLeaf calldata leaf) private pure returns (bytes20 digest) {
        uint256 length = 352;
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            calldatacopy(ptr, leaf, length)
            digest := and(keccak256(ptr, length), shl(96, not(0)))
        }
    }
}
