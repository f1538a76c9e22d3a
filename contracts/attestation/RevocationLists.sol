// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {CrlReader} from "./CrlReader.sol";
import {DataContract} from "./DataContract.sol";
import {P256Signature} from "./P256Signature.sol";
import {RevocationBuckets} from "./RevocationBuckets.sol";
import {RootOfTrust} from "./RootOfTrust.sol";
import {Part} from "./TdxTypes.sol";

/**
 * @title The revocation lists in force, one for each issuer
 *
 * @notice A list's serial numbers lie in buckets of about 24, so a look-up costs the same whatever
 * the list's length. Buckets are kept by their content (`DataContract`): a newer list pays for those
 * that differ, and what one transaction cannot carry is put there by others before, without any
 * state: until the last step the older list is in force, whole.
 *
 * Intel's CRL number is always 1, so `thisUpdate` says which list is newer.
 */
abstract contract RevocationLists is RootOfTrust {
    mapping(bytes32 issuerId => Crl) private _crls;
    mapping(bytes32 issuerId => mapping(uint256 bucket => address)) private _buckets;

    /// @inheritdoc ITdxAttestation
    function uploadCrl(bytes calldata crl, bytes32 issuerId) external {
        (CrlReader.Parsed memory parsed, uint32 validUntil) = _read(crl, issuerId);
        bytes[] memory buckets = parsed.buckets;
        for (uint256 i = 0; i < buckets.length; ++i) {
            address pointer = address(0);
            if (buckets[i].length > 0) {
                pointer = DataContract.addressOf(buckets[i]);
                if (pointer == _buckets[issuerId][i]) continue;
                DataContract.put(buckets[i]);
            }
            _buckets[issuerId][i] = pointer;
        }
        _crls[issuerId] = Crl({
            thisUpdate: uint32(parsed.thisUpdate),
            validUntil: validUntil,
            revokedCount: uint32(parsed.revokedCount),
            bucketBits: uint8(RevocationBuckets.bitsOf(parsed.revokedCount))
        });
        emit CrlUploaded(issuerId, parsed.thisUpdate, parsed.nextUpdate, parsed.revokedCount);
    }

    /// @inheritdoc ITdxAttestation
    function stageCrl(bytes calldata crl, bytes32 issuerId, uint256 maxBuckets) external returns (uint256 missing) {
        (CrlReader.Parsed memory parsed,) = _read(crl, issuerId);
        bytes[] memory buckets = parsed.buckets;
        for (uint256 i = 0; i < buckets.length; ++i) {
            if (buckets[i].length == 0) continue;
            if (maxBuckets > 0) {
                (, bool isNew) = DataContract.put(buckets[i]);
                if (isNew) --maxBuckets;
            } else if (DataContract.addressOf(buckets[i]).code.length == 0) {
                ++missing;
            }
        }
    }

    /// @inheritdoc ITdxAttestation
    function crlOf(bytes32 issuerId) external view returns (Crl memory) {
        return _crls[issuerId];
    }

    /// @inheritdoc ITdxAttestation
    function isRevoked(bytes32 issuerId, uint160 serial) external view returns (bool) {
        Crl memory crl = _crlInForce(issuerId, issuerId == rootId() ? Part.ROOT_CRL : Part.PCK_CRL);
        return _isListed(issuerId, crl, serial);
    }

    /// @dev Who signs revocation lists beside the root.
    function _crlIssuer(bytes32 issuerId) internal view virtual returns (Issuer memory);

    /// @dev The list in force. There is no answer without one, or with one that has expired.
    function _crlInForce(bytes32 issuerId, Part part) internal view returns (Crl memory crl) {
        crl = _crls[issuerId];
        if (crl.validUntil == 0) revert CollateralMissing(part, issuerId);
        if (block.timestamp > crl.validUntil) revert CrlExpired(part, crl.validUntil, block.timestamp);
    }

    function _isListed(bytes32 issuerId, Crl memory crl, uint160 serial) internal view returns (bool) {
        if (crl.revokedCount == 0) return false;
        address pointer = _buckets[issuerId][RevocationBuckets.bucketOf(serial, crl.bucketBits)];
        return pointer != address(0) && RevocationBuckets.contains(DataContract.get(pointer), serial);
    }

    function _read(bytes calldata der, bytes32 issuerId)
        private
        view
        returns (CrlReader.Parsed memory parsed, uint32 validUntil)
    {
        bool isRoot = issuerId == rootId();
        Part part = isRoot ? Part.ROOT_CRL : Part.PCK_CRL;
        Issuer memory issuer = isRoot ? _root() : _crlIssuer(issuerId);
        parsed = CrlReader.parse(der, part);
        if (parsed.issuerAndKeyId != issuer.nameAndKeyId) {
            revert CrlIssuerMismatch(part, issuer.nameAndKeyId, parsed.issuerAndKeyId);
        }
        if (!P256Signature.isValid(parsed.digest, parsed.r, parsed.s, issuer.x, issuer.y)) {
            revert CrlSignatureInvalid(part);
        }
        if (block.timestamp < parsed.thisUpdate) revert CrlNotYetValid(part, parsed.thisUpdate, block.timestamp);
        uint256 until = parsed.nextUpdate < issuer.notAfter ? parsed.nextUpdate : issuer.notAfter;
        if (block.timestamp > until) revert CrlExpired(part, until, block.timestamp);
        uint256 present = _crls[issuerId].thisUpdate;
        if (parsed.thisUpdate <= present) revert CollateralNotNewer(part, present + 1, parsed.thisUpdate);
        validUntil = uint32(until);
    }
}
