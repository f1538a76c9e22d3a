// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {PolicyWord} from "../../../contracts/registry/PolicyWord.sol";
import {ProgramPolicies} from "../../../contracts/registry/ProgramPolicies.sol";
import {Admission, ProgramPolicy} from "../../../contracts/registry/RegistryTypes.sol";
import {WorkerStatus} from "../../../contracts/registry/RegistryTypes.sol";
import {WorkerStatuses} from "../../../contracts/registry/WorkerStatuses.sol";
import {WorkerWord, WorkerWords} from "../../../contracts/registry/WorkerWord.sol";

/// @dev Every field of a packed word comes back as it was put in, whatever its neighbours hold.
contract WordsTest {
    function testFuzz_WorkerWordKeepsEveryField(uint256 a, uint256 b) public pure {
        WorkerWords.Fields memory fields = _fields(a, b);
        WorkerWord word = WorkerWords.encode(fields);
        assert(word.registration() == WorkerWords.REGISTERED);
        _expectFields(word, fields, fields.expiresAt);
    }

    function testFuzz_RevokingChangesNothingElseInAWorkerWord(uint256 a, uint256 b) public pure {
        WorkerWords.Fields memory fields = _fields(a, b);
        WorkerWord word = WorkerWords.encode(fields).withRevoked();
        assert(word.registration() == WorkerWords.REVOKED);
        _expectFields(word, fields, fields.expiresAt);
        assert(word.withRevoked().registration() == WorkerWords.REVOKED);
    }

    function testFuzz_AnExpiryChangesNothingElseInAWorkerWord(uint256 a, uint256 b, uint32 expiry) public pure {
        WorkerWords.Fields memory fields = _fields(a, b);
        WorkerWord word = WorkerWords.encode(fields).withExpiry(expiry);
        assert(word.registration() == WorkerWords.REGISTERED);
        _expectFields(word, fields, expiry);
    }

    function testFuzz_PolicyWordKeepsEveryField(uint256 a, address endorser) public pure {
        ProgramPolicy memory policy = _policy(a, endorser);
        PolicyWord word = ProgramPolicies.encode(policy);
        _expectSame(ProgramPolicies.decode(word, endorser), policy);
        assert(word.exists() == (policy.admission != Admission.NONE));
        assert(word.hasEndorser() == (endorser != address(0)));
        assert(!word.refusesAdvisories() && word.listsEpoch() == 0 && word.advisoriesEpoch() == 0);
    }

    function testFuzz_EpochsOfAPolicyWordGrowAloneAndOutliveItsFields(uint256 a, uint256 b, uint8 lists, uint8 advisories)
        public
        pure
    {
        ProgramPolicy memory first = _policy(a, address(0));
        PolicyWord word = ProgramPolicies.encode(first);
        for (uint256 i = 0; i < lists; ++i) word = word.withNextListsEpoch();
        for (uint256 i = 0; i < advisories; ++i) word = word.withNextAdvisoriesEpoch();
        _expectSame(ProgramPolicies.decode(word, address(0)), first);

        ProgramPolicy memory second = _policy(b, address(1));
        word = word.withFields(ProgramPolicies.encode(second));
        _expectSame(ProgramPolicies.decode(word, address(1)), second);
        assert(word.listsEpoch() == lists && word.advisoriesEpoch() == advisories);
        assert(word.refusesAdvisories() == (advisories > 0));
    }

    /// @dev An epoch that began anew would let old workers look confirmed.
    function test_EpochsEndInAPanicRatherThanBeginAnew() public view {
        PolicyWord lists = PolicyWord.wrap(uint256(type(uint24).max) << 160);
        try this.nextLists(lists) {
            assert(false);
        } catch Panic(uint256) {}
        PolicyWord advisories = PolicyWord.wrap(uint256(type(uint16).max) << 184);
        try this.nextAdvisories(advisories) {
            assert(false);
        } catch Panic(uint256) {}
        assert(this.nextLists(PolicyWord.wrap(uint256(type(uint24).max - 1) << 160)).listsEpoch() == type(uint24).max);
    }

    /// @dev The gate's short way says yes only where the long one does, and to whom needs no second look.
    function testFuzz_WhoIsPlainlyValidIsValid(uint256 a, uint256 b, uint256 c, uint16 flips) public view {
        (WorkerWord worker, PolicyWord policy) = _nearlyValid(a, b, c, flips);
        bool isPlain = WorkerStatuses.doubts(worker, policy) == 0;
        bool isValid = WorkerStatuses.judge(worker, policy) == WorkerStatus.VALID;
        bool isAccepted = (policy.acceptedStatuses() >> worker.tcbStatus()) & 1 != 0;
        bool needsLook = !isAccepted || worker.listsEpoch() != policy.listsEpoch();
        assert(isPlain == (isValid && !needsLook));
    }

    function testFuzz_NobodyIsPlainlyValidByRandomWords(uint256 a, uint256 b) public view {
        WorkerWord worker = WorkerWord.wrap(a);
        PolicyWord policy = PolicyWord.wrap(b & ~(uint256(3) << 114));
        if (WorkerStatuses.doubts(worker, policy) != 0) return;
        assert(!policy.exists() || WorkerStatuses.judge(worker, policy) == WorkerStatus.VALID);
    }

    /// @dev Valid but for what the flips spoil, so that either answer comes about.
    function _nearlyValid(uint256 a, uint256 b, uint256 c, uint16 flips)
        private
        view
        returns (WorkerWord, PolicyWord)
    {
        WorkerWords.Fields memory fields = _fields(a, b);
        ProgramPolicy memory policy = _policy(c, address(0));
        policy.admission = Admission.LIST;
        policy.requireGpu = flips & 1 != 0;
        fields.tcbStatus = uint8(1 + (a & 1));
        fields.currentTcbStatus = flips & 2 != 0 ? 7 : 1;
        policy.acceptedStatuses = flips & 4 != 0 ? policy.acceptedStatuses : 6;
        fields.expiresAt = uint32(block.timestamp) + (flips & 8 != 0 ? 0 : 1);
        if (flips & 16 != 0) --fields.expiresAt;
        policy.maxAge = 1;
        fields.attestedAt = uint32(block.timestamp) - (flips & 32 != 0 && block.timestamp > 1 ? 2 : 1);
        policy.minTcbEvaluationDataNumber = fields.tcbEvaluationDataNumber;
        if (flips & 64 != 0 && fields.tcbEvaluationDataNumber > 0) --fields.tcbEvaluationDataNumber;
        if (flips & 128 == 0) fields.septVeDisable = true;
        fields.listsEpoch = flips & 256 != 0 ? 1 : 0;
        fields.advisoriesEpoch = flips & 512 != 0 ? 1 : 0;
        WorkerWord worker = WorkerWords.encode(fields);
        if (flips & 1024 != 0) worker = worker.withRevoked();
        return (worker, ProgramPolicies.encode(policy));
    }

    function nextLists(PolicyWord word) external pure returns (PolicyWord) {
        return word.withNextListsEpoch();
    }

    function nextAdvisories(PolicyWord word) external pure returns (PolicyWord) {
        return word.withNextAdvisoriesEpoch();
    }

    function _fields(uint256 a, uint256 b) private pure returns (WorkerWords.Fields memory fields) {
        fields.tcbStatus = uint8(a & 0xf);
        fields.currentTcbStatus = uint8((a >> 4) & 0xf);
        fields.admittedBy = Admission((a >> 8) & 3);
        fields.septVeDisable = a & 0x400 != 0;
        fields.hasGpuEvidence = a & 0x800 != 0;
        fields.expiresAt = uint32(a >> 16);
        fields.attestedAt = uint32(a >> 48);
        fields.tcbInfoSince = uint32(a >> 80);
        fields.tcbEvaluationDataNumber = uint16(a >> 112);
        fields.approvalId = uint24(a >> 128);
        fields.listsEpoch = uint24(b);
        fields.advisoriesEpoch = uint16(b >> 24);
        fields.platformsEpoch = uint24(b >> 40);
        fields.challengeBlock = uint40(b >> 64);
    }

    function _expectFields(WorkerWord word, WorkerWords.Fields memory fields, uint32 expiresAt) private pure {
        assert(word.tcbStatus() == fields.tcbStatus);
        assert(word.currentTcbStatus() == fields.currentTcbStatus);
        assert(word.admittedBy() == fields.admittedBy);
        assert(word.septVeDisable() == fields.septVeDisable);
        assert(word.hasGpuEvidence() == fields.hasGpuEvidence);
        assert(word.expiresAt() == expiresAt);
        assert(word.attestedAt() == fields.attestedAt);
        assert(word.tcbInfoSince() == fields.tcbInfoSince);
        assert(word.tcbEvaluationDataNumber() == fields.tcbEvaluationDataNumber);
        assert(word.approvalId() == fields.approvalId);
        assert(word.listsEpoch() == fields.listsEpoch);
        assert(word.advisoriesEpoch() == fields.advisoriesEpoch);
        assert(word.platformsEpoch() == fields.platformsEpoch);
        assert(word.challengeBlock() == fields.challengeBlock);
    }

    function _policy(uint256 a, address endorser) private pure returns (ProgramPolicy memory policy) {
        policy.acceptedStatuses = uint16(a);
        policy.graceStatuses = uint16(a >> 16);
        policy.gracePeriod = uint32(a >> 32);
        policy.maxAge = uint32(a >> 64);
        policy.minTcbEvaluationDataNumber = uint16(a >> 96);
        policy.requireSeptVeDisable = a & (1 << 112) != 0;
        policy.requireGpu = a & (1 << 113) != 0;
        policy.deriveUnderOpen = a & (1 << 114) != 0;
        policy.admission = Admission((a >> 115) & 3);
        policy.notice = uint32(a >> 128);
        policy.endorser = endorser;
    }

    function _expectSame(ProgramPolicy memory found, ProgramPolicy memory expected) private pure {
        assert(keccak256(abi.encode(found)) == keccak256(abi.encode(expected)));
    }
}
