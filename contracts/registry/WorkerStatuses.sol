// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TcbStatus} from "../attestation/TdxTypes.sol";
import {PolicyWord} from "./PolicyWord.sol";
import {WorkerStatus} from "./RegistryTypes.sol";
import {WorkerWord, WorkerWords} from "./WorkerWord.sol";

/// @title What a worker's word and its program's policy say about each other, at this moment
library WorkerStatuses {
    /// @dev Both epochs of a program, which lie side by side in either word.
    uint256 private constant _EPOCHS = type(uint40).max;

    /**
     * @notice Zero for a worker that is valid without a doubt as far as its word and its program's say,
     * and that the gate need not look at closely: no grace period, nothing taken away since it was
     * confirmed. For any other, `judge` has the answer.
     * @dev Without branches, by the tables of `WorkerWord` and `PolicyWord`; the fuzz test compares it
     * with `judge`. A program that does not exist accepts no status.
     */
    function doubts(WorkerWord worker, PolicyWord policy) internal view returns (uint256 found) {
        uint256 revokedTcb = uint256(TcbStatus.Revoked);
        uint256 w = WorkerWord.unwrap(worker);
        uint256 p = PolicyWord.unwrap(policy);
        found = ((w & 3) ^ WorkerWords.REGISTERED) // registered, not revoked
            | (((w >> 152) ^ (p >> 160)) & _EPOCHS) // confirmed under the present lists and advisories
            | ((~p >> ((w >> 2) & 0xf)) & 1) // its status is accepted
            | ((p >> 116) & ~(w >> 6) & 1); // SEPT_VE_DISABLE
        assembly ("memory-safe") {
            // Until when its collateral stands, and its quote.
            found := or(found, gt(timestamp(), and(shr(16, w), 0xffffffff)))
            found := or(found, gt(timestamp(), add(and(shr(48, w), 0xffffffff), and(shr(64, p), 0xffffffff))))
            // Evaluation number.
            found := or(found, lt(and(shr(112, w), 0xffff), and(shr(96, p), 0xffff)))
            // TCB status now.
            found := or(found, eq(and(shr(8, w), 0xf), revokedTcb))
        }
    }

    /// @notice Why the worker is not valid, as far as the two words say.
    function judge(WorkerWord worker, PolicyWord policy) internal view returns (WorkerStatus) {
        if (!policy.exists()) return WorkerStatus.PROGRAM_UNKNOWN;
        uint256 registration = worker.registration();
        if (registration != WorkerWords.REGISTERED) {
            return registration == WorkerWords.REVOKED ? WorkerStatus.REVOKED : WorkerStatus.WORKER_UNKNOWN;
        }
        if (block.timestamp > worker.expiresAt()) return WorkerStatus.COLLATERAL_EXPIRED;
        if (block.timestamp > worker.attestedAt() + policy.maxAge()) return WorkerStatus.ATTESTATION_TOO_OLD;
        if (worker.currentTcbStatus() == uint256(TcbStatus.Revoked)) return WorkerStatus.TCB_STATUS_NOT_ACCEPTED;
        uint256 status = 1 << worker.tcbStatus();
        if (policy.acceptedStatuses() & status == 0) {
            if (policy.graceStatuses() & status == 0) return WorkerStatus.TCB_STATUS_NOT_ACCEPTED;
            if (block.timestamp > worker.tcbInfoSince() + policy.gracePeriod()) {
                return WorkerStatus.TCB_GRACE_PERIOD_OVER;
            }
        }
        if (worker.tcbEvaluationDataNumber() < policy.minTcbEvaluationDataNumber()) {
            return WorkerStatus.TCB_EVALUATION_NUMBER_TOO_LOW;
        }
        if (policy.requireSeptVeDisable() && !worker.septVeDisable()) return WorkerStatus.SEPT_VE_DISABLE_REQUIRED;
        if (worker.advisoriesEpoch() != policy.advisoriesEpoch()) return WorkerStatus.REEVALUATION_NEEDED;
        return WorkerStatus.VALID;
    }
}
