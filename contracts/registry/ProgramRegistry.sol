// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Approvals} from "./Approvals.sol";
import {Platforms} from "./Platforms.sol";
import {PolicyWord} from "./PolicyWord.sol";
import {ProgramPolicies} from "./ProgramPolicies.sol";
import {Measurements, ProgramPolicy} from "./RegistryTypes.sol";

/**
 * @title Programs: their owners and policies
 *
 * @notice An owner says what policy it wants. What of it is narrower is in force at once; where it is
 * wider, the whole waits for the notice in force, and for someone to apply it.
 */
abstract contract ProgramRegistry is Approvals, Platforms {
    struct PendingPolicy {
        PolicyWord policy;
        address endorser;
        uint40 from;
    }

    struct PendingOwner {
        address owner;
        uint40 from;
    }

    struct Advisory {
        bool isRefused;
        /// From when on it is accepted again; zero: until further notice it is not.
        uint40 acceptedFrom;
    }

    mapping(bytes32 programId => PendingPolicy) private _pendingPolicies;
    mapping(bytes32 programId => PendingOwner) private _pendingOwners;
    mapping(bytes32 programId => mapping(bytes32 advisoryId => Advisory)) private _advisories;

    function programIdOf(address creator, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, creator, salt));
    }

    function createProgram(
        bytes32 salt,
        ProgramPolicy calldata policy,
        Measurements[] calldata measurements,
        bytes32[] calldata platformIds
    ) external returns (bytes32 programId) {
        programId = programIdOf(msg.sender, salt);
        if (_owners[programId] != address(0)) revert ProgramExists(programId);
        ProgramPolicies.validate(policy, _hasMinimumDurations());
        _owners[programId] = msg.sender;
        // The first epoch is 1: zero in a worker's word is never the present one.
        _policies[programId] = ProgramPolicies.encode(policy).withNextListsEpoch();
        _endorsers[programId] = policy.endorser;
        emit ProgramCreated(programId, msg.sender, salt, policy);
        for (uint256 i = 0; i < measurements.length; ++i) {
            _approve(programId, measurements[i], uint40(block.timestamp));
        }
        _list(programId, platformIds, uint40(block.timestamp));
    }

    function setPolicy(bytes32 programId, ProgramPolicy calldata policy) external onlyOwnerOf(programId) {
        ProgramPolicies.validate(policy, _hasMinimumDurations());
        ProgramPolicy memory present = policyOf(programId);
        uint40 from = _afterNotice(programId);
        ProgramPolicy memory narrowed = ProgramPolicies.narrow(present, policy);
        _put(programId, present, narrowed);
        PolicyWord wanted = ProgramPolicies.encode(policy);
        PolicyWord reached = ProgramPolicies.encode(narrowed);
        bool isReached = PolicyWord.unwrap(wanted) == PolicyWord.unwrap(reached) && policy.endorser == narrowed.endorser;
        if (!isReached) {
            _pendingPolicies[programId] = PendingPolicy(wanted, policy.endorser, from);
            emit PolicyProposed(programId, policy, from);
        } else if (_pendingPolicies[programId].from != 0) {
            delete _pendingPolicies[programId];
            emit PolicyProposalDropped(programId);
        }
    }

    function applyPolicy(bytes32 programId) external {
        PendingPolicy memory pending = _pendingPolicies[programId];
        if (pending.from == 0) revert NothingPending(programId);
        if (block.timestamp < pending.from) revert NoticeNotOver(pending.from, block.timestamp);
        delete _pendingPolicies[programId];
        _put(programId, policyOf(programId), ProgramPolicies.decode(pending.policy, pending.endorser));
    }

    function refuseAdvisory(bytes32 programId, bytes32 advisoryId) external onlyOwnerOf(programId) {
        _advisories[programId][advisoryId] = Advisory(true, 0);
        _policies[programId] = _policies[programId].withNextAdvisoriesEpoch();
        emit AdvisoryRefused(programId, advisoryId);
    }

    function acceptAdvisory(bytes32 programId, bytes32 advisoryId) external onlyOwnerOf(programId) {
        if (!isAdvisoryRefused(programId, advisoryId)) revert NothingPending(programId);
        uint40 from = _afterNotice(programId);
        _advisories[programId][advisoryId].acceptedFrom = from;
        emit AdvisoryAccepted(programId, advisoryId, from);
    }

    function proposeOwner(bytes32 programId, address newOwner) external onlyOwnerOf(programId) {
        uint40 from = _afterNotice(programId);
        _pendingOwners[programId] = PendingOwner(newOwner, from);
        emit OwnershipProposed(programId, newOwner, from);
    }

    function acceptOwnership(bytes32 programId) external {
        PendingOwner memory pending = _pendingOwners[programId];
        if (pending.from == 0) revert NothingPending(programId);
        if (msg.sender != pending.owner) revert NotPendingOwner(programId, pending.owner, msg.sender);
        if (block.timestamp < pending.from) revert NoticeNotOver(pending.from, block.timestamp);
        delete _pendingOwners[programId];
        address previous = _owners[programId];
        _owners[programId] = msg.sender;
        emit OwnershipTransferred(programId, previous, msg.sender);
    }

    function ownerOf(bytes32 programId) external view returns (address) {
        return _owners[programId];
    }

    function policyOf(bytes32 programId) public view returns (ProgramPolicy memory) {
        return ProgramPolicies.decode(_policyOf(programId), _endorsers[programId]);
    }

    function pendingPolicyOf(bytes32 programId) external view returns (ProgramPolicy memory policy, uint256 from) {
        PendingPolicy memory pending = _pendingPolicies[programId];
        return (ProgramPolicies.decode(pending.policy, pending.endorser), pending.from);
    }

    function pendingOwnerOf(bytes32 programId) external view returns (address newOwner, uint256 from) {
        PendingOwner memory pending = _pendingOwners[programId];
        return (pending.owner, pending.from);
    }

    function isAdvisoryRefused(bytes32 programId, bytes32 advisoryId) public view returns (bool) {
        Advisory memory advisory = _advisories[programId][advisoryId];
        return advisory.isRefused && (advisory.acceptedFrom == 0 || block.timestamp < advisory.acceptedFrom);
    }

    /// @dev Whether minimum durations bind: under Intel's root.
    function _hasMinimumDurations() internal view virtual returns (bool);

    function _put(bytes32 programId, ProgramPolicy memory present, ProgramPolicy memory next) private {
        bool changesAdmission = next.admission != present.admission || next.endorser != present.endorser;
        _policies[programId] = _policies[programId].withFields(ProgramPolicies.encode(next));
        _endorsers[programId] = next.endorser;
        // Whoever was admitted otherwise is looked at closely from now on.
        if (changesAdmission) _advanceListsEpoch(programId);
        emit PolicyChanged(programId, next);
    }
}
