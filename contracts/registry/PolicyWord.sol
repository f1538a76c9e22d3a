// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Admission} from "./RegistryTypes.sol";

/**
 * @notice A program's policy in one word, so that judging a worker at use reads one slot of it.
 *
 * | bits      | field                                                                           |
 * | --------- | ------------------------------------------------------------------------------- |
 * | 0-15      | accepted statuses                                                               |
 * | 16-31     | statuses accepted for a grace period                                            |
 * | 32-63     | grace period, seconds                                                           |
 * | 64-95     | maximum age, seconds                                                            |
 * | 96-111    | minimum evaluation number                                                       |
 * | 112-115   | admission; zero: there is no such program                                       |
 * | 116       | SEPT_VE_DISABLE is required                                                     |
 * | 117       | a GPU is required                                                               |
 * | 118       | keys may be derived under OPEN                                                  |
 * | 119       | some advisory is refused                                                        |
 * | 120       | an endorser vouches for platforms beside the list                               |
 * | 128-159   | notice, seconds                                                                 |
 * | 160-183   | epoch of its lists: from 1 on; grows when an approval or platform is taken away |
 * | 184-199   | epoch of its advisories: grows when one is refused                              |
 */
type PolicyWord is uint256;

using PolicyWords for PolicyWord global;

library PolicyWords {
    uint256 internal constant SEPT = 1 << 116;
    uint256 internal constant GPU = 1 << 117;
    uint256 internal constant DERIVE = 1 << 118;
    uint256 private constant _ADVISORIES = 1 << 119;
    uint256 internal constant ENDORSER = 1 << 120;
    uint256 private constant _LISTS_EPOCH = 160;
    uint256 private constant _ADVISORIES_EPOCH = 184;
    /// @dev What is not a field of the policy: the advisories' flag and both epochs.
    uint256 private constant _KEPT = _ADVISORIES | (uint256(type(uint40).max) << _LISTS_EPOCH);

    function exists(PolicyWord word) internal pure returns (bool) {
        return admission(word) != Admission.NONE;
    }

    function acceptedStatuses(PolicyWord word) internal pure returns (uint256) {
        return PolicyWord.unwrap(word) & 0xffff;
    }

    function graceStatuses(PolicyWord word) internal pure returns (uint256) {
        return (PolicyWord.unwrap(word) >> 16) & 0xffff;
    }

    function gracePeriod(PolicyWord word) internal pure returns (uint256) {
        return uint32(PolicyWord.unwrap(word) >> 32);
    }

    function maxAge(PolicyWord word) internal pure returns (uint256) {
        return uint32(PolicyWord.unwrap(word) >> 64);
    }

    function minTcbEvaluationDataNumber(PolicyWord word) internal pure returns (uint256) {
        return uint16(PolicyWord.unwrap(word) >> 96);
    }

    function admission(PolicyWord word) internal pure returns (Admission) {
        return Admission((PolicyWord.unwrap(word) >> 112) & 0xf);
    }

    function requireSeptVeDisable(PolicyWord word) internal pure returns (bool) {
        return PolicyWord.unwrap(word) & SEPT != 0;
    }

    function requireGpu(PolicyWord word) internal pure returns (bool) {
        return PolicyWord.unwrap(word) & GPU != 0;
    }

    function deriveUnderOpen(PolicyWord word) internal pure returns (bool) {
        return PolicyWord.unwrap(word) & DERIVE != 0;
    }

    function refusesAdvisories(PolicyWord word) internal pure returns (bool) {
        return PolicyWord.unwrap(word) & _ADVISORIES != 0;
    }

    function hasEndorser(PolicyWord word) internal pure returns (bool) {
        return PolicyWord.unwrap(word) & ENDORSER != 0;
    }

    function notice(PolicyWord word) internal pure returns (uint32) {
        return uint32(PolicyWord.unwrap(word) >> 128);
    }

    function listsEpoch(PolicyWord word) internal pure returns (uint24) {
        return uint24(PolicyWord.unwrap(word) >> _LISTS_EPOCH);
    }

    function advisoriesEpoch(PolicyWord word) internal pure returns (uint16) {
        return uint16(PolicyWord.unwrap(word) >> _ADVISORIES_EPOCH);
    }

    /// @dev With the next epoch of its lists: workers confirmed under the last are looked at closely.
    function withNextListsEpoch(PolicyWord word) internal pure returns (PolicyWord) {
        return PolicyWord.wrap(_with(PolicyWord.unwrap(word), _LISTS_EPOCH, 24, uint256(listsEpoch(word)) + 1));
    }

    /// @dev With an advisory refused: workers judged before have to be judged again.
    function withNextAdvisoriesEpoch(PolicyWord word) internal pure returns (PolicyWord) {
        uint256 next = _with(PolicyWord.unwrap(word), _ADVISORIES_EPOCH, 16, uint256(advisoriesEpoch(word)) + 1);
        return PolicyWord.wrap(next | _ADVISORIES);
    }

    /// @dev The fields of `policy`, with the advisories' flag and the epochs of `present`.
    function withFields(PolicyWord present, PolicyWord policy) internal pure returns (PolicyWord) {
        return PolicyWord.wrap((PolicyWord.unwrap(present) & _KEPT) | (PolicyWord.unwrap(policy) & ~_KEPT));
    }

    /// @dev Epochs that ran out would let an old worker look confirmed; so they end in a panic.
    function _with(uint256 word, uint256 shift, uint256 width, uint256 value) private pure returns (uint256) {
        uint256 mask = (1 << width) - 1;
        assert(value <= mask);
        return (word & ~(mask << shift)) | (value << shift);
    }
}
