// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {DataContract} from "./DataContract.sol";
import {EvaluationNumbers} from "./EvaluationNumbers.sol";
import {Issuers} from "./Issuers.sol";
import {P256Signature} from "./P256Signature.sol";
import {QeIdentityReader} from "./QeIdentityReader.sol";
import {TcbInfoReader} from "./TcbInfoReader.sol";
import {Part} from "./TdxTypes.sol";

/**
 * @title TCB infos and QE identities, one for each (FMSPC and) evaluation number
 *
 * @notice Intel signs their text, and the text is what is checked; what it says is kept decoded. A
 * monthly refresh that changes no level pays for two dates.
 */
abstract contract Documents is Issuers, EvaluationNumbers {
    mapping(bytes6 fmspc => mapping(uint16 number => Document)) private _tcbInfos;
    mapping(uint16 number => Document) private _qeIdentities;

    /// @inheritdoc ITdxAttestation
    function uploadTcbInfo(bytes calldata tcbInfo, bytes32 r, bytes32 s, bytes32 signerId) external {
        Issuer memory signer = _issuerInForce(signerId, Part.TCB_SIGNER);
        if (!P256Signature.isValid(sha256(tcbInfo), r, s, signer.x, signer.y)) revert TcbInfoSignatureInvalid();
        TcbInfoReader.TcbInfo memory info = TcbInfoReader.read(tcbInfo, signerId);
        if (block.timestamp < info.issueDate) revert TcbInfoNotYetValid(info.issueDate, block.timestamp);
        if (block.timestamp > info.nextUpdate) revert TcbInfoExpired(info.nextUpdate, block.timestamp);
        _see(info.tcbEvaluationDataNumber);

        Document memory present = _tcbInfos[info.fmspc][info.tcbEvaluationDataNumber];
        _expectNewer(Part.TCB_INFO, present, info.issueDate);
        (address data,) = DataContract.put(info.data);
        bool levelsChanged = data != present.data;
        _tcbInfos[info.fmspc][info.tcbEvaluationDataNumber] = Document({
            data: data,
            issueDate: uint32(info.issueDate),
            validUntil: _earliest(info.nextUpdate, signer.notAfter),
            since: levelsChanged ? uint32(block.timestamp) : present.since
        });
        emit TcbInfoUploaded(
            info.fmspc, info.tcbEvaluationDataNumber, info.issueDate, info.nextUpdate, levelsChanged
        );
    }

    /// @inheritdoc ITdxAttestation
    function uploadQeIdentity(bytes calldata qeIdentity, bytes32 r, bytes32 s, bytes32 signerId) external {
        Issuer memory signer = _issuerInForce(signerId, Part.TCB_SIGNER);
        if (!P256Signature.isValid(sha256(qeIdentity), r, s, signer.x, signer.y)) revert QeIdentitySignatureInvalid();
        QeIdentityReader.QeIdentity memory identity = QeIdentityReader.read(qeIdentity, signerId);
        if (block.timestamp < identity.issueDate) revert QeIdentityNotYetValid(identity.issueDate, block.timestamp);
        if (block.timestamp > identity.nextUpdate) revert QeIdentityExpired(identity.nextUpdate, block.timestamp);
        uint16 number = identity.tcbEvaluationDataNumber;
        _see(number);

        Document storage document = _qeIdentities[number];
        _expectNewer(Part.QE_IDENTITY, document, identity.issueDate);
        (document.data,) = DataContract.put(identity.data);
        document.issueDate = uint32(identity.issueDate);
        document.validUntil = _earliest(identity.nextUpdate, signer.notAfter);
        emit QeIdentityUploaded(number, identity.issueDate, identity.nextUpdate);
    }

    /// @inheritdoc ITdxAttestation
    function tcbInfoOf(bytes6 fmspc, uint16 number) external view returns (Document memory) {
        return _tcbInfos[fmspc][number];
    }

    /// @inheritdoc ITdxAttestation
    function qeIdentityOf(uint16 number) external view returns (Document memory) {
        return _qeIdentities[number];
    }

    /// @dev Those that count now: present, unexpired, and of a number that is not superseded.
    function _tcbInfoInForce(bytes6 fmspc, uint16 number) internal view returns (Document memory document) {
        document = _tcbInfos[fmspc][number];
        if (document.data == address(0)) revert CollateralMissing(Part.TCB_INFO, _key(fmspc, number));
        if (block.timestamp > document.validUntil) revert TcbInfoExpired(document.validUntil, block.timestamp);
    }

    function _qeIdentityInForce(uint16 number) internal view returns (Document memory document) {
        document = _qeIdentities[number];
        if (document.data == address(0)) revert CollateralMissing(Part.QE_IDENTITY, _key(0, number));
        if (block.timestamp > document.validUntil) revert QeIdentityExpired(document.validUntil, block.timestamp);
        _refuseSuperseded(number, document.since);
    }

    /// @dev A number's end lies with its QE identity, which is read with every quote anyway.
    function _supersededAt(uint16 number) internal view override returns (uint32) {
        return _qeIdentities[number].since;
    }

    function _setSupersededAt(uint16 number, uint32 ptr) internal override {
        _qeIdentities[number].since = ptr;
    }

    /// @dev What is missing, for an error: the FMSPC leftmost, the number rightmost.
    function _key(bytes6 fmspc, uint16 number) private pure returns (bytes32) {
        return bytes32(fmspc) | bytes32(uint256(number));
    }

    function _expectNewer(Part part, Document memory present, uint256 issueDate) private pure {
        if (issueDate <= present.issueDate) {
            revert CollateralNotNewer(part, uint256(present.issueDate) + 1, issueDate);
        }
    }

    function _earliest(uint256 nextUpdate, uint32 signerNotAfter) private view returns (uint32) {
        uint256 until = nextUpdate < signerNotAfter ? nextUpdate : signerNotAfter;
        return uint32(until < _rootNotAfter() ? until : _rootNotAfter());
    }
}
