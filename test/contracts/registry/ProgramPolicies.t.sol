// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ProgramPolicies} from "../../../contracts/registry/ProgramPolicies.sol";
import {Admission, ProgramPolicy} from "../../../contracts/registry/RegistryTypes.sol";

/// @dev What `narrow` gives is in force at once, so it must never be wider than what was in force.
contract ProgramPoliciesTest {
    uint16 private constant _ACCEPTABLE = 0x37e;

    /// @dev Of a status, field and moment: whoever `next` lets in, `present` let in as well.
    function testFuzz_WhatIsInForceAtOnceIsNeverWider(uint256 a, uint256 b) public view {
        ProgramPolicy memory present = _policy(a);
        ProgramPolicy memory wanted = _policy(b);
        ProgramPolicy memory next = this.narrow(present, wanted);

        assert(next.acceptedStatuses & ~present.acceptedStatuses == 0);
        for (uint256 status = 0; status < 16; ++status) {
            // Seconds for which a status is accepted; for ever is more than any.
            assert(_acceptedFor(next, status) <= _acceptedFor(present, status));
        }
        assert(next.maxAge <= present.maxAge);
        assert(next.minTcbEvaluationDataNumber >= present.minTcbEvaluationDataNumber);
        assert(next.requireSeptVeDisable || !present.requireSeptVeDisable);
        assert(next.requireGpu || !present.requireGpu);
        assert(next.notice >= present.notice);
        assert(!next.deriveUnderOpen || present.deriveUnderOpen);
        assert(next.endorser == present.endorser || next.endorser == address(0));
        bool isListOfOpen = present.admission == Admission.OPEN && next.admission == Admission.LIST;
        assert(next.admission == present.admission || (isListOfOpen && next.endorser == address(0)));
    }

    function testFuzz_WhatIsInForceAtOnceIsAPolicy(uint256 a, uint256 b) public view {
        this.validate(this.narrow(_policy(a), _policy(b)));
    }

    function testFuzz_TheSameAgainChangesNothing(uint256 a, uint256 b) public view {
        ProgramPolicy memory wanted = _policy(b);
        ProgramPolicy memory once = this.narrow(_policy(a), wanted);
        assert(_isSame(this.narrow(once, wanted), once));
        ProgramPolicy memory present = _policy(a);
        assert(_isSame(this.narrow(present, present), present));
    }

    /// @dev A policy made narrower field by field is reached whole, at once.
    function testFuzz_WhatIsNarrowerIsReachedAtOnce(uint256 a, uint256 b) public view {
        ProgramPolicy memory present = _policy(a);
        ProgramPolicy memory wanted = _policy(a);
        wanted.acceptedStatuses &= uint16(b);
        wanted.graceStatuses = (present.graceStatuses | present.acceptedStatuses) & uint16(b >> 16);
        wanted.gracePeriod = uint32((b >> 32) % (uint256(present.gracePeriod) + 1));
        wanted.maxAge = uint32(1 + ((b >> 64) % present.maxAge));
        if (b & (1 << 96) != 0) wanted.minTcbEvaluationDataNumber = type(uint16).max;
        if (b & (1 << 97) != 0) wanted.requireSeptVeDisable = true;
        if (b & (1 << 98) != 0) wanted.requireGpu = true;
        if (b & (1 << 99) != 0) wanted.notice = ProgramPolicies.MAX_NOTICE;
        if (b & (1 << 100) != 0) wanted.deriveUnderOpen = false;
        if (b & (1 << 101) != 0) wanted.endorser = address(0);
        if (b & (1 << 102) != 0 && present.admission == Admission.OPEN) {
            wanted.admission = Admission.LIST;
            wanted.deriveUnderOpen = false;
        }
        assert(_isSame(this.narrow(present, wanted), wanted));
    }

    function narrow(ProgramPolicy calldata present, ProgramPolicy calldata wanted)
        external
        pure
        returns (ProgramPolicy memory)
    {
        return ProgramPolicies.narrow(present, wanted);
    }

    function validate(ProgramPolicy calldata policy) external pure {
        ProgramPolicies.validate(policy, false);
    }

    function _acceptedFor(ProgramPolicy memory policy, uint256 status) private pure returns (uint256) {
        if ((policy.acceptedStatuses >> status) & 1 != 0) return type(uint256).max;
        return (policy.graceStatuses >> status) & 1 != 0 ? uint256(policy.gracePeriod) + 1 : 0;
    }

    /// @dev A policy that there can be.
    function _policy(uint256 a) private pure returns (ProgramPolicy memory policy) {
        policy.acceptedStatuses = uint16(a) & _ACCEPTABLE;
        policy.graceStatuses = uint16(a >> 16) & _ACCEPTABLE;
        policy.gracePeriod = uint32(uint32(a >> 32) % 365 days);
        policy.maxAge = uint32(1 + (uint32(a >> 64) % 90 days));
        policy.minTcbEvaluationDataNumber = uint16(a >> 96);
        policy.requireSeptVeDisable = a & (1 << 112) != 0;
        policy.requireGpu = a & (1 << 113) != 0;
        policy.admission = Admission(1 + ((a >> 115) & 0xff) % 3);
        policy.deriveUnderOpen = policy.admission == Admission.OPEN && a & (1 << 114) != 0;
        policy.notice = uint32(uint32(a >> 128) % 30 days);
        if (policy.admission == Admission.LIST) policy.endorser = address(uint160((a >> 160) & 3));
    }

    function _isSame(ProgramPolicy memory a, ProgramPolicy memory b) private pure returns (bool) {
        return keccak256(abi.encode(a)) == keccak256(abi.encode(b));
    }
}
