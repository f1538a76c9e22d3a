// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TcbStatus} from "../attestation/TdxTypes.sol";
import {IRegistryErrors} from "../interfaces/IRegistryErrors.sol";
import {PolicyWord, PolicyWords} from "./PolicyWord.sol";
import {Admission, ProgramPolicy} from "./RegistryTypes.sol";

/// @title Which policies there can be, and which of two is narrower
library ProgramPolicies {
    /// @notice The longest notice. The delays of the AccessManager's admin must be no shorter.
    uint32 internal constant MAX_NOTICE = 30 days;
    uint32 private constant _MIN_NOTICE = 1 days;
    uint32 private constant _MAX_AGE = 90 days;
    uint32 private constant _MAX_GRACE_PERIOD = 365 days;

    /// @dev All but `Unknown` and `Revoked`.
    uint256 private constant _ACCEPTABLE = 0x3ff & ~(1 << uint256(TcbStatus.Unknown)) & ~(1 << uint256(TcbStatus.Revoked));

    /// @notice Refuses a policy that no program may have.
    /// @param hasMinimumDurations Whether durations may not be as short as for development.
    function validate(ProgramPolicy calldata policy, bool hasMinimumDurations) public pure {
        if (uint256(policy.acceptedStatuses) & ~_ACCEPTABLE != 0) revert IRegistryErrors.PolicyInvalid("acceptedStatuses");
        if (uint256(policy.graceStatuses) & ~_ACCEPTABLE != 0) revert IRegistryErrors.PolicyInvalid("graceStatuses");
        if (policy.gracePeriod > _MAX_GRACE_PERIOD) revert IRegistryErrors.PolicyInvalid("gracePeriod");
        if (policy.maxAge == 0 || policy.maxAge > _MAX_AGE) revert IRegistryErrors.PolicyInvalid("maxAge");
        bool isTooShort = hasMinimumDurations && policy.notice < _MIN_NOTICE;
        if (isTooShort || policy.notice > MAX_NOTICE) revert IRegistryErrors.PolicyInvalid("notice");
        if (policy.admission == Admission.NONE) revert IRegistryErrors.PolicyInvalid("admission");
        if (policy.endorser != address(0) && policy.admission != Admission.LIST) revert IRegistryErrors.PolicyInvalid("endorser");
        if (policy.deriveUnderOpen && policy.admission != Admission.OPEN) revert IRegistryErrors.PolicyInvalid("deriveUnderOpen");
    }

    /// @notice Of what is in force and what is wanted, field by field, the narrower.
    function narrow(ProgramPolicy memory present, ProgramPolicy calldata wanted)
        public
        pure
        returns (ProgramPolicy memory next)
    {
        next.acceptedStatuses = present.acceptedStatuses & wanted.acceptedStatuses;
        // Accepted for a while is narrower than accepted.
        next.graceStatuses = (present.graceStatuses | present.acceptedStatuses) & wanted.graceStatuses;
        next.gracePeriod = _min(present.gracePeriod, wanted.gracePeriod);
        next.maxAge = _min(present.maxAge, wanted.maxAge);
        next.minTcbEvaluationDataNumber = wanted.minTcbEvaluationDataNumber > present.minTcbEvaluationDataNumber
            ? wanted.minTcbEvaluationDataNumber
            : present.minTcbEvaluationDataNumber;
        next.requireSeptVeDisable = present.requireSeptVeDisable || wanted.requireSeptVeDisable;
        next.requireGpu = present.requireGpu || wanted.requireGpu;
        next.notice = wanted.notice > present.notice ? wanted.notice : present.notice;
        // A list is narrower than anyone. Other changes are neither narrower nor wider, and wait.
        bool narrowsAdmission = present.admission == Admission.OPEN && wanted.admission == Admission.LIST
            && wanted.endorser == address(0);
        next.admission = narrowsAdmission ? Admission.LIST : present.admission;
        next.deriveUnderOpen = present.deriveUnderOpen && wanted.deriveUnderOpen && next.admission == Admission.OPEN;
        next.endorser = wanted.endorser == address(0) ? address(0) : present.endorser;
    }

    /// @notice A policy in one word, without epochs.
    function encode(ProgramPolicy memory policy) public pure returns (PolicyWord) {
        uint256 flags = (policy.requireSeptVeDisable ? PolicyWords.SEPT : 0)
            | (policy.requireGpu ? PolicyWords.GPU : 0) | (policy.deriveUnderOpen ? PolicyWords.DERIVE : 0)
            | (policy.endorser != address(0) ? PolicyWords.ENDORSER : 0);
        return PolicyWord.wrap(
            flags | uint256(policy.acceptedStatuses) | (uint256(policy.graceStatuses) << 16)
                | (uint256(policy.gracePeriod) << 32) | (uint256(policy.maxAge) << 64)
                | (uint256(policy.minTcbEvaluationDataNumber) << 96) | (uint256(policy.admission) << 112)
                | (uint256(policy.notice) << 128)
        );
    }

    /// @param endorser Kept in a slot of its own.
    function decode(PolicyWord word, address endorser) public pure returns (ProgramPolicy memory) {
        return ProgramPolicy({
            acceptedStatuses: uint16(word.acceptedStatuses()),
            graceStatuses: uint16(word.graceStatuses()),
            gracePeriod: uint32(word.gracePeriod()),
            maxAge: uint32(word.maxAge()),
            minTcbEvaluationDataNumber: uint16(word.minTcbEvaluationDataNumber()),
            requireSeptVeDisable: word.requireSeptVeDisable(),
            requireGpu: word.requireGpu(),
            notice: word.notice(),
            admission: word.admission(),
            deriveUnderOpen: word.deriveUnderOpen(),
            endorser: endorser
        });
    }

    function _min(uint32 a, uint32 b) private pure returns (uint32) {
        return a < b ? a : b;
    }
}
