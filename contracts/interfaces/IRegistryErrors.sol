// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {WorkerStatus} from "../registry/RegistryTypes.sol";

/// @notice Every way in which the registry refuses, with what was expected and found.
interface IRegistryErrors {
    // Programs
    error ProgramUnknown(bytes32 programId);
    error ProgramExists(bytes32 programId);
    error NotProgramOwner(bytes32 programId, address expected, address found);
    error NotPendingOwner(bytes32 programId, address expected, address found);
    error PolicyInvalid(bytes32 field);
    error NoticeNotOver(uint256 expected, uint256 found);
    error NothingPending(bytes32 programId);

    // Approvals
    error ApprovalUnknown(bytes32 programId, uint24 approvalId);
    error ApprovalNotYetInForce(uint24 approvalId, uint256 expected, uint256 found);
    error ApprovalIsWithdrawn(uint24 approvalId);
    error MeasurementsInvalid(bytes32 field);
    error ApplicationNotMeasured();
    error MrConfigIdNotEnforced();
    error MeasurementsNotApproved(uint24 approvalId, bytes20 expected, bytes20 found);

    // Platforms
    error PlatformIsRevoked(bytes32 platformId);
    error PlatformNotAdmitted(bytes32 programId, bytes32 platformId);
    error OwnerSignatureInvalid(address expected);

    // Registration
    error ChallengeBlockUnknown(uint256 challengeBlock, uint256 oldest, uint256 newest);
    error ChallengeNotNewer(uint256 expected, uint256 found);
    error ReportDataMismatch(bytes32 expected, bytes32 found);
    error IdentitySignatureInvalid(address expected, address found);
    error WorkerIsRevoked(bytes32 programId, address identity);
    error WorkerUnknown(bytes32 programId, address identity);
    error WorkerNotAccepted(bytes32 programId, address identity, WorkerStatus status);
    error DebugTd(bytes8 tdAttributes);
    error AdvisoryNotAccepted(bytes32 advisoryId);
    error EvidenceMismatch(bytes32 expected, bytes32 found);
    error ReevaluationNotNewer(uint16 expected, uint16 found);

    // Use
    error WorkerNotValid(bytes32 programId, address worker, WorkerStatus status);

    // Guardian
    error RegistrationsPaused(uint256 until);
    error PauseUsed(uint256 availableFrom);
    error AlreadySet(address present);
    error NotAuthorized(address found);
}
