// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TcbStatus} from "../attestation/TdxTypes.sol";
import {PolicyWord} from "./PolicyWord.sol";
import {WorkerStatus} from "./RegistryTypes.sol";
import {WorkerWord, WorkerWords} from "./WorkerWord.sol";

/// @title What a worker's word and its program's policy say about each other, at this moment
library WorkerStatuses {
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
