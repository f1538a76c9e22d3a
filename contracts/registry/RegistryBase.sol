// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IProgramRegistry} from "../interfaces/IProgramRegistry.sol";
import {IRegistryErrors} from "../interfaces/IRegistryErrors.sol";
import {PolicyWord} from "./PolicyWord.sol";

/**
 * @title What the parts of the registry share: who owns a program, its policy's word, the guardian's switch
 *
 * @notice The guardian acts through an AccessManager, which is fixed at construction. It can take away
 * and stop for a while; it can add nothing.
 */
abstract contract RegistryBase is IProgramRegistry, IRegistryErrors, AccessManaged {
    uint40 internal constant PAUSE_LENGTH = 72 hours;
    uint40 private constant _PAUSE_INTERVAL = 30 days;

    /// @dev One slot, which every use of a worker reads.
    struct Shared {
        /// Grows when the guardian revokes a platform.
        uint24 platformsEpoch;
        uint40 pausedAt;
        /// Who may say that a worker's GPUs are good.
        address gpuVerdicts;
    }

    Shared internal _shared;

    mapping(bytes32 programId => PolicyWord) internal _policies;
    mapping(bytes32 programId => address) internal _owners;

    modifier onlyOwnerOf(bytes32 programId) {
        _expectOwner(programId);
        _;
    }

    /// @notice The authority is chosen at construction and never again.
    function setAuthority(address present) public pure override {
        revert AlreadySet(present);
    }

    function _pausedUntil() internal view returns (uint256) {
        return _shared.pausedAt == 0 ? 0 : _shared.pausedAt + PAUSE_LENGTH;
    }

    function _pause() internal returns (uint256 until) {
        uint256 availableFrom = _shared.pausedAt == 0 ? 0 : _shared.pausedAt + _PAUSE_INTERVAL;
        if (block.timestamp < availableFrom) revert PauseUsed(availableFrom);
        _shared.pausedAt = uint40(block.timestamp);
        return block.timestamp + PAUSE_LENGTH;
    }

    function _policyOf(bytes32 programId) internal view returns (PolicyWord policy) {
        policy = _policies[programId];
        if (!policy.exists()) revert ProgramUnknown(programId);
    }

    function _expectOwner(bytes32 programId) internal view {
        address owner = _owners[programId];
        if (owner == address(0)) revert ProgramUnknown(programId);
        if (msg.sender != owner) revert NotProgramOwner(programId, owner, msg.sender);
    }

    /// @dev From when on what widens a program counts.
    function _afterNotice(bytes32 programId) internal view returns (uint40) {
        return uint40(block.timestamp + _policies[programId].notice());
    }

    /// @dev Workers confirmed before are looked at closely from now on.
    function _advanceListsEpoch(bytes32 programId) internal {
        _policies[programId] = _policies[programId].withNextListsEpoch();
    }
}
