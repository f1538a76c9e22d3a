// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Admission} from "./RegistryTypes.sol";

/**
 * @notice All of a worker's record that judging it at use needs, in one word.
 *
 * | bits    | field                                                                    |
 * | ------- | ------------------------------------------------------------------------ |
 * | 0-1     | 0: never registered, 1: registered, 2: revoked                           |
 * | 2-5     | TCB status                                                               |
 * | 6       | SEPT_VE_DISABLE is set                                                   |
 * | 7       | the TD vouched for GPU evidence                                          |
 * | 8-11    | TCB status now (TD 1.5)                                                  |
 * | 12-15   | how its platform was admitted                                            |
 * | 16-47   | until when its collateral stands, Unix seconds                           |
 * | 48-79   | when it was attested, Unix seconds                                       |
 * | 80-111  | since when its TCB levels are known, Unix seconds                        |
 * | 112-127 | evaluation number                                                        |
 * | 128-151 | approval                                                                 |
 * | 152-175 | epoch of the program's lists when it was confirmed                       |
 * | 176-191 | epoch of the program's advisories when it was judged                     |
 * | 192-215 | epoch of revoked platforms when it was confirmed                         |
 * | 216-255 | challenge block                                                          |
 */
type WorkerWord is uint256;

using WorkerWords for WorkerWord global;

library WorkerWords {
    uint256 internal constant REGISTERED = 1;
    uint256 internal constant REVOKED = 2;

    uint256 private constant _SEPT = 1 << 6;
    uint256 private constant _GPU_EVIDENCE = 1 << 7;
    uint256 private constant _LISTS_EPOCH = 152;
    uint256 private constant _PLATFORMS_EPOCH = 192;

    /// @dev What a verdict and a request come to.
    struct Fields {
        uint8 tcbStatus;
        uint8 currentTcbStatus;
        Admission admittedBy;
        bool septVeDisable;
        bool hasGpuEvidence;
        uint32 expiresAt;
        uint32 attestedAt;
        uint32 tcbInfoSince;
        uint16 tcbEvaluationDataNumber;
        uint24 approvalId;
        uint24 listsEpoch;
        uint16 advisoriesEpoch;
        uint24 platformsEpoch;
        uint40 challengeBlock;
    }

    function encode(Fields memory fields) internal pure returns (WorkerWord) {
        uint256 word = REGISTERED | (uint256(fields.tcbStatus) << 2) | (uint256(fields.currentTcbStatus) << 8)
            | (uint256(fields.admittedBy) << 12)
            | (fields.septVeDisable ? _SEPT : 0) | (fields.hasGpuEvidence ? _GPU_EVIDENCE : 0);
        word |= (uint256(fields.expiresAt) << 16) | (uint256(fields.attestedAt) << 48)
            | (uint256(fields.tcbInfoSince) << 80) | (uint256(fields.tcbEvaluationDataNumber) << 112);
        word |= (uint256(fields.approvalId) << 128) | (uint256(fields.listsEpoch) << _LISTS_EPOCH)
            | (uint256(fields.advisoriesEpoch) << 176) | (uint256(fields.platformsEpoch) << _PLATFORMS_EPOCH)
            | (uint256(fields.challengeBlock) << 216);
        return WorkerWord.wrap(word);
    }

    function registration(WorkerWord word) internal pure returns (uint256) {
        return WorkerWord.unwrap(word) & 3;
    }

    function tcbStatus(WorkerWord word) internal pure returns (uint256) {
        return (WorkerWord.unwrap(word) >> 2) & 0xf;
    }

    function currentTcbStatus(WorkerWord word) internal pure returns (uint256) {
        return (WorkerWord.unwrap(word) >> 8) & 0xf;
    }

    function admittedBy(WorkerWord word) internal pure returns (Admission) {
        return Admission((WorkerWord.unwrap(word) >> 12) & 0xf);
    }

    function septVeDisable(WorkerWord word) internal pure returns (bool) {
        return WorkerWord.unwrap(word) & _SEPT != 0;
    }

    function hasGpuEvidence(WorkerWord word) internal pure returns (bool) {
        return WorkerWord.unwrap(word) & _GPU_EVIDENCE != 0;
    }

    function expiresAt(WorkerWord word) internal pure returns (uint32) {
        return uint32(WorkerWord.unwrap(word) >> 16);
    }

    function attestedAt(WorkerWord word) internal pure returns (uint32) {
        return uint32(WorkerWord.unwrap(word) >> 48);
    }

    function tcbInfoSince(WorkerWord word) internal pure returns (uint32) {
        return uint32(WorkerWord.unwrap(word) >> 80);
    }

    function tcbEvaluationDataNumber(WorkerWord word) internal pure returns (uint16) {
        return uint16(WorkerWord.unwrap(word) >> 112);
    }

    function approvalId(WorkerWord word) internal pure returns (uint24) {
        return uint24(WorkerWord.unwrap(word) >> 128);
    }

    function listsEpoch(WorkerWord word) internal pure returns (uint24) {
        return uint24(WorkerWord.unwrap(word) >> _LISTS_EPOCH);
    }

    function advisoriesEpoch(WorkerWord word) internal pure returns (uint16) {
        return uint16(WorkerWord.unwrap(word) >> 176);
    }

    function platformsEpoch(WorkerWord word) internal pure returns (uint24) {
        return uint24(WorkerWord.unwrap(word) >> _PLATFORMS_EPOCH);
    }

    function challengeBlock(WorkerWord word) internal pure returns (uint40) {
        return uint40(WorkerWord.unwrap(word) >> 216);
    }

    function withExpiry(WorkerWord word, uint32 expiry) internal pure returns (WorkerWord) {
        uint256 cleared = WorkerWord.unwrap(word) & ~(uint256(type(uint32).max) << 16);
        return WorkerWord.wrap(cleared | (uint256(expiry) << 16));
    }

    function withRevoked(WorkerWord word) internal pure returns (WorkerWord) {
        return WorkerWord.wrap((WorkerWord.unwrap(word) & ~uint256(3)) | REVOKED);
    }
}
