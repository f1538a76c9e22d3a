// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IPlatformEndorser} from "../interfaces/IPlatformEndorser.sol";
import {PolicyWord} from "./PolicyWord.sol";
import {RegistryBase} from "./RegistryBase.sol";
import {Admission, RegistrationRequest, WorkerStatus} from "./RegistryTypes.sol";
import {WorkerWord} from "./WorkerWord.sol";

/**
 * @title Which machines a program admits, and which are revoked
 *
 * @notice A machine is its platform id, keccak256 of the PPID in its PCK certificate. Listing waits for
 * the notice, taking off the list and revoking are immediate, and revoking is for ever.
 */
abstract contract Platforms is RegistryBase, EIP712 {
    bytes32 private constant _ADMIT =
        keccak256("Admit(bytes32 programId,address identity,bytes32 platformId,uint256 challengeBlock)");

    /// @dev What an endorser may spend, so that it cannot make the registry dear.
    uint256 private constant _ENDORSER_GAS = 30_000;

    mapping(bytes32 programId => mapping(bytes32 platformId => Platform)) private _platforms;
    mapping(bytes32 platformId => bool) private _revokedForAll;
    mapping(bytes32 programId => address) internal _endorsers;

    function listPlatforms(bytes32 programId, bytes32[] calldata platformIds) external onlyOwnerOf(programId) {
        _list(programId, platformIds, _afterNotice(programId));
    }

    function delistPlatform(bytes32 programId, bytes32 platformId) external onlyOwnerOf(programId) {
        Platform storage platform = _platforms[programId][platformId];
        if (platform.listedFrom == 0) revert PlatformNotAdmitted(programId, platformId);
        platform.listedFrom = 0;
        _advanceListsEpoch(programId);
        emit PlatformDelisted(programId, platformId);
    }

    function revokePlatform(bytes32 programId, bytes32 platformId) external onlyOwnerOf(programId) {
        Platform storage platform = _platforms[programId][platformId];
        if (platform.isRevoked) revert PlatformIsRevoked(platformId);
        platform.isRevoked = true;
        platform.listedFrom = 0;
        _advanceListsEpoch(programId);
        emit PlatformRevokedByProgram(programId, platformId);
    }

    function revokePlatformForAll(bytes32 platformId) external restricted {
        if (_revokedForAll[platformId]) revert PlatformIsRevoked(platformId);
        _revokedForAll[platformId] = true;
        // Reverts, in the end, rather than let an old worker look confirmed.
        ++_shared.platformsEpoch;
        emit PlatformRevokedForAll(platformId);
    }

    function platformOf(bytes32 programId, bytes32 platformId) external view returns (Platform memory) {
        return _platforms[programId][platformId];
    }

    function isPlatformRevokedForAll(bytes32 platformId) external view returns (bool) {
        return _revokedForAll[platformId];
    }

    function _list(bytes32 programId, bytes32[] calldata platformIds, uint40 from) internal {
        for (uint256 i = 0; i < platformIds.length; ++i) {
            Platform storage platform = _platforms[programId][platformIds[i]];
            if (platform.isRevoked) revert PlatformIsRevoked(platformIds[i]);
            // Listing again what is listed must not put it off.
            if (platform.listedFrom != 0) continue;
            platform.listedFrom = from;
            emit PlatformListed(programId, platformIds[i], from);
        }
    }

    /// @dev Refuses a machine that is revoked, or that the program does not admit.
    function _expectAdmitted(
        RegistrationRequest calldata request,
        bytes32 platformId,
        PolicyWord policy,
        WorkerWord present,
        bool isSamePlatform
    ) internal view {
        bytes32 programId = request.programId;
        Admission admission = policy.admission();
        // The owner's signature admits a worker's platform once.
        bool isCosigned = isSamePlatform && present.admittedBy() == Admission.COSIGN;
        if (admission == Admission.COSIGN && !isCosigned) {
            bytes32 hash = _hashTypedDataV4(
                keccak256(abi.encode(_ADMIT, programId, request.identity, platformId, request.challengeBlock))
            );
            address owner = _owners[programId];
            if (!SignatureChecker.isValidSignatureNow(owner, hash, request.ownerSignature)) {
                revert OwnerSignatureInvalid(owner);
            }
            isCosigned = true;
        }
        WorkerStatus status = _platformStatus(programId, platformId, admission, isCosigned);
        if (status == WorkerStatus.PLATFORM_REVOKED) revert PlatformIsRevoked(platformId);
        if (status != WorkerStatus.VALID) revert PlatformNotAdmitted(programId, platformId);
    }

    function _platformStatus(bytes32 programId, bytes32 platformId, Admission admission, bool isCosigned)
        internal
        view
        returns (WorkerStatus)
    {
        Platform memory platform = _platforms[programId][platformId];
        if (platform.isRevoked || _revokedForAll[platformId]) return WorkerStatus.PLATFORM_REVOKED;
        if (admission == Admission.OPEN) return WorkerStatus.VALID;
        if (admission == Admission.COSIGN) return isCosigned ? WorkerStatus.VALID : WorkerStatus.PLATFORM_NOT_ADMITTED;
        bool isListed = platform.listedFrom != 0 && block.timestamp >= platform.listedFrom;
        if (isListed || _isEndorsed(programId, platformId)) return WorkerStatus.VALID;
        return WorkerStatus.PLATFORM_NOT_ADMITTED;
    }

    /// @dev An endorser that fails, spends too much or answers anything but true does not vouch.
    function _isEndorsed(bytes32 programId, bytes32 platformId) private view returns (bool) {
        address endorser = _endorsers[programId];
        if (endorser == address(0)) return false;
        bytes memory question = abi.encodeCall(IPlatformEndorser.isEndorsed, (programId, platformId));
        bool ok;
        uint256 answer;
        uint256 gasLimit = _ENDORSER_GAS;
        // In assembly, since an answer of any length must not be copied.
        assembly ("memory-safe") {
            ok := staticcall(gasLimit, endorser, add(question, 32), mload(question), 0, 32)
            ok := and(ok, eq(returndatasize(), 32))
            answer := mload(0)
        }
        return ok && answer == 1;
    }
}
