// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {PckLeaf, TcbClaims, TcbStatus, TdxEvidence, TdxVerdict} from "../attestation/TdxTypes.sol";
import {TdxQuote} from "../attestation/TdxQuote.sol";
import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";
import {ITdxAttestationErrors} from "../interfaces/ITdxAttestationErrors.sol";
import {IWorkerRegistration} from "../interfaces/IWorkerRegistration.sol";
import {IWorkerRegistry} from "../interfaces/IWorkerRegistry.sol";
import {MeasurementsDigest} from "./MeasurementsDigest.sol";
import {PolicyWord} from "./PolicyWord.sol";
import {ProgramRegistry} from "./ProgramRegistry.sol";
import {Admission, RegistrationRequest, Worker, WorkerStatus} from "./RegistryTypes.sol";
import {ReportData} from "./ReportData.sol";
import {WorkerStatuses} from "./WorkerStatuses.sol";
import {WorkerWord, WorkerWords} from "./WorkerWord.sol";

/**
 * @title Workers: attested machines that run a program, known by a key made inside them
 *
 * @notice A record follows from the signed bytes of a quote and from the chain, whoever submits it. What
 * the program demands is checked when the worker is used, not only when it was registered.
 *
 * Two things that lie outside a worker's word can end it: its approval and its platform. Whenever one
 * of them is taken away somewhere, an epoch grows, and workers confirmed under an older epoch are
 * looked at closely, at two or three slots more, until they attest or are judged again.
 */
contract WorkerRegistry is ProgramRegistry, IWorkerRegistration, IWorkerRegistry {
    bytes32 private constant _REGISTRATION = keccak256("Registration(bytes32 commitment)");
    /// @dev BLOCKHASH reaches no further; beyond, the history contract of EIP-2935 answers.
    uint256 private constant _BLOCKHASH_REACH = 256;
    uint256 private constant _HISTORY_REACH = 8191;

    // Offsets in a TD report's body.
    uint256 private constant _REPORT_DATA = 520;
    uint256 private constant _EVIDENCE_ROOT = 552;

    ITdxAttestation public immutable ATTESTATION;
    /// @notice How many blocks old a challenge may be.
    uint256 public immutable MAX_CHALLENGE_AGE;
    bool private immutable _IS_DEVELOPMENT;

    /// @dev The first slot is all that use reads, the next two all that a registration writes beside it.
    struct Record {
        WorkerWord word;
        bytes32 platformId;
        /// What certificate and TCB claims it was judged by.
        bytes32 evidenceDigest;
        bytes32 evidenceRoot;
        uint32 gpuValidUntil;
    }

    mapping(bytes32 programId => mapping(address identity => Record)) private _records;

    /**
     * @param attestation Verifies quotes; its root decides whether this is a development deployment.
     * @param authority An AccessManager.
     * @param maxChallengeAge In blocks: at most 256, on chains with blocks of less than a second up to 8191.
     */
    constructor(ITdxAttestation attestation, address authority, uint256 maxChallengeAge)
        AccessManaged(authority)
        EIP712("Chainseal WorkerRegistry", "1")
    {
        if (maxChallengeAge == 0 || maxChallengeAge > _HISTORY_REACH) revert PolicyInvalid("maxChallengeAge");
        ATTESTATION = attestation;
        MAX_CHALLENGE_AGE = maxChallengeAge;
        _IS_DEVELOPMENT = !attestation.isIntelRoot();
        if (_IS_DEVELOPMENT) emit DevelopmentDeployment(attestation.rootFingerprint());
    }

    // ---- Registration

    /// @inheritdoc IWorkerRegistration
    function register(
        RegistrationRequest calldata request,
        TdxEvidence calldata evidence,
        bytes calldata pckCertificate
    ) external {
        if (pckCertificate.length > 0) ATTESTATION.cachePckCertificate(pckCertificate, evidence.leaf.issuerId);
        Record storage record = _records[request.programId][request.identity];
        WorkerWord present = record.word;
        _expectMayRegister(request, present);
        PolicyWord policy = _policyOf(request.programId);
        (WorkerWord next, bytes32 commitment, bytes32 evidenceDigest) =
            _attest(ReportData.WORKER, request, 0, 0, evidence, policy);

        // The certificate and the TCB as the record has them: then nothing of them is new.
        bool isKnown = record.evidenceDigest == evidenceDigest;
        if (!isKnown) _expectSignedByIdentity(request, commitment);
        // An endorser may have changed its mind, of which no epoch tells.
        bool isConfirmed = isKnown && !policy.hasEndorser() && present.listsEpoch() == next.listsEpoch()
            && present.platformsEpoch() == next.platformsEpoch();
        if (!isConfirmed) {
            bool isSamePlatform = record.platformId == evidence.leaf.platformId;
            _expectAdmitted(request, evidence.leaf.platformId, policy, present, isSamePlatform);
        }

        record.word = next;
        if (!isKnown) {
            record.platformId = evidence.leaf.platformId;
            record.evidenceDigest = evidenceDigest;
        }
        bytes32 evidenceRoot = _evidenceRootIn(evidence.quote);
        if (evidenceRoot != 0 || present.hasGpuEvidence()) _putEvidenceRoot(request, record, evidenceRoot);
        _emitRegistered(request, evidence.leaf.platformId, next, evidenceRoot);
    }

    /// @inheritdoc IWorkerRegistration
    function reevaluate(
        bytes32 programId,
        address identity,
        PckLeaf calldata leaf,
        TcbClaims calldata claims,
        uint16 tcbInfoNumber,
        uint16 qeIdentityNumber
    ) external {
        Record storage record = _expectRegistered(programId, identity);
        WorkerWord present = record.word;
        PolicyWord policy = _policyOf(programId);
        TdxVerdict memory verdict;
        try ATTESTATION.evaluateTcb(leaf, claims, tcbInfoNumber, qeIdentityNumber) returns (TdxVerdict memory given) {
            verdict = given;
        } catch (bytes memory reason) {
            _expectPckRevoked(reason);
            _expectEvidence(record, keccak256(abi.encode(leaf.tbsHash, claims)));
            record.word = present.withExpiry(0);
            emit WorkerPckRevoked(programId, identity);
            return;
        }
        _expectEvidence(record, verdict.evidenceDigest);
        WorkerWords.Fields memory fields = _fieldsOf(verdict, policy);
        fields.septVeDisable = present.septVeDisable();
        fields.hasGpuEvidence = present.hasGpuEvidence();
        fields.approvalId = present.approvalId();
        fields.challengeBlock = present.challengeBlock();
        fields.attestedAt = present.attestedAt();
        // Advisories, approval and platform are judged anew as well. What fails gets epoch zero, which is
        // never the present one: new collateral or an endorser can end what no epoch told of.
        if (_hasRefused(programId, policy, verdict.advisoryIds)) fields.advisoriesEpoch = 0;
        if (_listStatus(programId, record, policy) != WorkerStatus.VALID) {
            fields.listsEpoch = 0;
            fields.admittedBy = present.admittedBy();
        }
        WorkerWord next = WorkerWords.encode(fields);
        _expectNewer(present, next, policy, tcbInfoNumber > qeIdentityNumber ? tcbInfoNumber : qeIdentityNumber);
        record.word = next;
        emit WorkerReevaluated(
            programId, identity, fields.expiresAt, fields.tcbStatus, fields.tcbEvaluationDataNumber
        );
    }

    /// @inheritdoc IWorkerRegistration
    function verifySession(
        RegistrationRequest calldata request,
        bytes32 transportKeyHash,
        bytes32 session,
        TdxEvidence calldata evidence
    ) external view {
        requireWorker(request.programId, request.identity);
        (,, bytes32 evidenceDigest) = _attest(
            ReportData.KEEPER, request, transportKeyHash, session, evidence, _policyOf(request.programId)
        );
        _expectEvidence(_records[request.programId][request.identity], evidenceDigest);
    }

    // ---- Revocation and the guardian

    /// @inheritdoc IWorkerRegistration
    function revokeWorker(bytes32 programId, address identity) external {
        if (msg.sender != identity && msg.sender != _owners[programId]) _checkCanCall(msg.sender, msg.data);
        Record storage record = _expectRegistered(programId, identity);
        record.word = record.word.withRevoked();
        emit WorkerRevoked(programId, identity, msg.sender);
    }

    /// @notice Stops first registrations for 72 hours, once in 30 days. The guardian's.
    function pause() external restricted {
        emit Paused(msg.sender, _pause());
    }

    /// @notice Names the contract that vouches for GPUs, once.
    function setGpuVerdicts(address gpuVerdicts) external restricted {
        if (_shared.gpuVerdicts != address(0)) revert AlreadySet(_shared.gpuVerdicts);
        _shared.gpuVerdicts = gpuVerdicts;
    }

    /// @inheritdoc IWorkerRegistration
    function setGpuValidity(bytes32 programId, address identity, uint32 validUntil) external {
        if (msg.sender != _shared.gpuVerdicts) revert NotAuthorized(msg.sender);
        _records[programId][identity].gpuValidUntil = validUntil;
        emit GpuValidityChanged(programId, identity, validUntil);
    }

    // ---- Use

    /// @inheritdoc IWorkerRegistry
    function requireWorker(bytes32 programId, address worker) public view {
        // The way that nearly every call goes.
        Record storage record = _records[programId][worker];
        WorkerWord word = record.word;
        PolicyWord policy = _policies[programId];
        if (WorkerStatuses.doubts(word, policy) | (word.platformsEpoch() ^ _shared.platformsEpoch) == 0) {
            if (!policy.requireGpu() || block.timestamp <= record.gpuValidUntil) return;
        }
        WorkerStatus status = statusOf(programId, worker);
        if (status != WorkerStatus.VALID) revert WorkerNotValid(programId, worker, status);
    }

    /// @inheritdoc IWorkerRegistry
    function statusOf(bytes32 programId, address worker) public view returns (WorkerStatus status) {
        Record storage record = _records[programId][worker];
        WorkerWord word = record.word;
        PolicyWord policy = _policies[programId];
        status = WorkerStatuses.judge(word, policy);
        if (status != WorkerStatus.VALID) return status;
        if (word.listsEpoch() != policy.listsEpoch() || word.platformsEpoch() != _shared.platformsEpoch) {
            status = _listStatus(programId, record, policy);
            if (status != WorkerStatus.VALID) return status;
        }
        if (policy.requireGpu() && block.timestamp > record.gpuValidUntil) {
            return WorkerStatus.GPU_REQUIRED;
        }
    }

    /// @inheritdoc IWorkerRegistry
    function statusesOf(bytes32[] calldata programIds, address[] calldata workers)
        external
        view
        returns (WorkerStatus[] memory statuses)
    {
        if (programIds.length != workers.length) revert PolicyInvalid("length");
        statuses = new WorkerStatus[](workers.length);
        for (uint256 i = 0; i < workers.length; ++i) {
            statuses[i] = statusOf(programIds[i], workers[i]);
        }
    }

    /// @inheritdoc IWorkerRegistration
    function workerOf(bytes32 programId, address identity) external view returns (Worker memory worker) {
        Record storage record = _records[programId][identity];
        WorkerWord word = record.word;
        worker.isRegistered = word.registration() != 0;
        worker.isRevoked = word.registration() == WorkerWords.REVOKED;
        worker.tcbStatus = uint8(word.tcbStatus());
        worker.currentTcbStatus = uint8(word.currentTcbStatus());
        worker.septVeDisable = word.septVeDisable();
        worker.tcbEvaluationDataNumber = word.tcbEvaluationDataNumber();
        worker.approvalId = word.approvalId();
        worker.challengeBlock = word.challengeBlock();
        worker.attestedAt = word.attestedAt();
        worker.expiresAt = word.expiresAt();
        worker.tcbInfoSince = word.tcbInfoSince();
        worker.platformId = record.platformId;
        worker.evidenceDigest = record.evidenceDigest;
        worker.evidenceRoot = record.evidenceRoot;
        worker.gpuValidUntil = record.gpuValidUntil;
    }

    /// @notice Whether quotes come from a simulator rather than from real machines.
    function isDevelopment() external view returns (bool) {
        return _IS_DEVELOPMENT;
    }

    /// @inheritdoc IWorkerRegistration
    function pausedUntil() public view override returns (uint256) {
        return _pausedUntil();
    }

    function _hasMinimumDurations() internal view override returns (bool) {
        return !_IS_DEVELOPMENT;
    }

    // ---- Parts

    /// @dev A verdict on other GPU evidence says nothing of this.
    function _putEvidenceRoot(RegistrationRequest calldata request, Record storage record, bytes32 evidenceRoot)
        private
    {
        if (evidenceRoot == record.evidenceRoot) return;
        record.evidenceRoot = evidenceRoot;
        if (record.gpuValidUntil == 0) return;
        record.gpuValidUntil = 0;
        emit GpuValidityChanged(request.programId, request.identity, 0);
    }

    function _emitRegistered(
        RegistrationRequest calldata request,
        bytes32 platformId,
        WorkerWord word,
        bytes32 evidenceRoot
    ) private {
        emit WorkerRegistered(
            request.programId,
            request.identity,
            platformId,
            request.approvalId,
            word.challengeBlock(),
            word.expiresAt(),
            uint8(word.tcbStatus()),
            evidenceRoot
        );
    }

    /// @dev Verifies a quote for one role and judges it by the program's policy.
    /// @return next The record's word.
    /// @return commitment What its report data had to be.
    function _attest(
        uint8 role,
        RegistrationRequest calldata request,
        bytes32 transportKeyHash,
        bytes32 session,
        TdxEvidence calldata evidence,
        PolicyWord policy
    ) private view returns (WorkerWord next, bytes32 commitment, bytes32 evidenceDigest) {
        commitment = _commitment(role, request, transportKeyHash, session);
        TdxVerdict memory verdict = ATTESTATION.verifyQuote(evidence);
        _expectNotRefused(request.programId, policy, verdict.advisoryIds);
        WorkerWords.Fields memory fields = _fieldsOf(verdict, policy);
        evidenceDigest = verdict.evidenceDigest;
        _readReport(request, evidence.quote, commitment, fields);
        fields.challengeBlock = uint40(request.challengeBlock);
        fields.attestedAt = uint32(block.timestamp);
        next = WorkerWords.encode(fields);
        WorkerStatus status = WorkerStatuses.judge(next, policy);
        if (status != WorkerStatus.VALID) revert WorkerNotAccepted(request.programId, request.identity, status);
    }

    function _expectMayRegister(RegistrationRequest calldata request, WorkerWord present) private view {
        uint256 registration = present.registration();
        if (registration == WorkerWords.REVOKED) revert WorkerIsRevoked(request.programId, request.identity);
        if (registration == 0) {
            uint256 until = pausedUntil();
            if (block.timestamp < until) revert RegistrationsPaused(until);
        } else if (request.challengeBlock <= present.challengeBlock()) {
            revert ChallengeNotNewer(uint256(present.challengeBlock()) + 1, request.challengeBlock);
        }
    }

    function _commitment(
        uint8 role,
        RegistrationRequest calldata request,
        bytes32 transportKeyHash,
        bytes32 session
    ) private view returns (bytes32) {
        uint256 challengeBlock = request.challengeBlock;
        uint256 oldest = block.number > MAX_CHALLENGE_AGE ? block.number - MAX_CHALLENGE_AGE : 0;
        bytes32 challengeHash;
        if (challengeBlock >= oldest && challengeBlock < block.number) {
            challengeHash = MAX_CHALLENGE_AGE > _BLOCKHASH_REACH
                ? Blockhash.blockHash(challengeBlock)
                : blockhash(challengeBlock);
        }
        if (challengeHash == 0) revert ChallengeBlockUnknown(challengeBlock, oldest, block.number - 1);
        return ReportData.commitment(
            role,
            address(this),
            request.programId,
            request.identity,
            transportKeyHash,
            session,
            challengeBlock,
            challengeHash
        );
    }

    /// @dev What a record takes from a verdict and from the state of the program.
    function _fieldsOf(TdxVerdict memory verdict, PolicyWord policy)
        private
        view
        returns (WorkerWords.Fields memory fields)
    {
        fields.tcbStatus = uint8(verdict.status);
        fields.currentTcbStatus = uint8(verdict.currentStatus);
        // A record dies with the number it was judged at.
        bool endsEarlier = verdict.supersededAt != 0 && verdict.supersededAt <= verdict.expiresAt;
        // The last second is included, and at `supersededAt` the number counts no more.
        fields.expiresAt = endsEarlier ? verdict.supersededAt - 1 : verdict.expiresAt;
        fields.tcbInfoSince = verdict.tcbInfoSince;
        fields.tcbEvaluationDataNumber = verdict.tcbEvaluationDataNumber;
        fields.admittedBy = policy.admission();
        fields.listsEpoch = policy.listsEpoch();
        fields.advisoriesEpoch = policy.advisoriesEpoch();
        fields.platformsEpoch = _shared.platformsEpoch;
    }

    /// @dev Reads the TD report of a verified quote: no debug TD, this commitment, approved measurements.
    function _readReport(
        RegistrationRequest calldata request,
        bytes calldata quote,
        bytes32 commitment,
        WorkerWords.Fields memory fields
    ) private view {
        (uint256 body, bool isTd15) = TdxQuote.bodyOf(quote);
        bytes8 tdAttributes = MeasurementsDigest.refuseDebug(quote, body);
        bytes32 found = bytes32(TdxQuote.word(quote, body + _REPORT_DATA));
        if (found != commitment) revert ReportDataMismatch(commitment, found);
        _expectApproved(request.programId, request.approvalId, quote, body, isTd15);
        fields.approvalId = request.approvalId;
        fields.septVeDisable = MeasurementsDigest.hasSeptVeDisable(tdAttributes);
        fields.hasGpuEvidence = TdxQuote.word(quote, body + _EVIDENCE_ROOT) != 0;
    }

    function _expectSignedByIdentity(RegistrationRequest calldata request, bytes32 commitment) private view {
        bytes32 hash = _hashTypedDataV4(keccak256(abi.encode(_REGISTRATION, commitment)));
        (address found,,) = ECDSA.tryRecoverCalldata(hash, request.identitySignature);
        if (found == address(0) || found != request.identity) revert IdentitySignatureInvalid(request.identity, found);
    }

    /// @dev The second half of the report data: the root over GPU evidence, or zero.
    function _evidenceRootIn(bytes calldata quote) private pure returns (bytes32) {
        (uint256 body,) = TdxQuote.bodyOf(quote);
        return bytes32(TdxQuote.word(quote, body + _EVIDENCE_ROOT));
    }

    /// @dev Approval and platform of a record, looked at closely.
    function _listStatus(bytes32 programId, Record storage record, PolicyWord policy)
        private
        view
        returns (WorkerStatus)
    {
        WorkerWord word = record.word;
        if (_isWithdrawn(programId, word.approvalId())) return WorkerStatus.APPROVAL_WITHDRAWN;
        bool isCosigned = word.admittedBy() == Admission.COSIGN;
        return _platformStatus(programId, record.platformId, policy.admission(), isCosigned);
    }

    function _hasRefused(bytes32 programId, PolicyWord policy, bytes32[] memory advisoryIds)
        private
        view
        returns (bool)
    {
        if (!policy.refusesAdvisories()) return false;
        for (uint256 i = 0; i < advisoryIds.length; ++i) {
            if (isAdvisoryRefused(programId, advisoryIds[i])) return true;
        }
        return false;
    }

    function _expectNotRefused(bytes32 programId, PolicyWord policy, bytes32[] memory advisoryIds) private view {
        if (!policy.refusesAdvisories()) return;
        for (uint256 i = 0; i < advisoryIds.length; ++i) {
            if (isAdvisoryRefused(programId, advisoryIds[i])) revert AdvisoryNotAccepted(advisoryIds[i]);
        }
    }

    function _expectRegistered(bytes32 programId, address identity) private view returns (Record storage record) {
        record = _records[programId][identity];
        uint256 registration = record.word.registration();
        if (registration == WorkerWords.REVOKED) revert WorkerIsRevoked(programId, identity);
        if (registration == 0) revert WorkerUnknown(programId, identity);
    }

    /**
     * @dev Nobody may turn a worker down by judging it early at a number that others need not use yet:
     * a higher number counts when the worker passes by it, or when its own counts no more. A verdict by
     * two numbers has the lower one, so that `highest` is looked at as well.
     */
    function _expectNewer(WorkerWord present, WorkerWord next, PolicyWord policy, uint16 highest) private view {
        uint16 before = present.tcbEvaluationDataNumber();
        uint16 found = next.tcbEvaluationDataNumber();
        if (found < before) revert ReevaluationNotNewer(before, found);
        if (highest == before || WorkerStatuses.judge(next, policy) == WorkerStatus.VALID) return;
        bool counts = before >= policy.minTcbEvaluationDataNumber() && before >= ATTESTATION.minimumEvaluationNumber();
        if (counts && block.timestamp <= present.expiresAt()) revert ReevaluationNotNewer(before, highest);
    }

    function _expectEvidence(Record storage record, bytes32 found) private view {
        if (found != record.evidenceDigest) revert EvidenceMismatch(record.evidenceDigest, found);
    }

    /// @dev A revoked PCK certificate or CA ends a record until the worker attests with another; any
    /// other failure says nothing of the worker, and is passed on.
    function _expectPckRevoked(bytes memory reason) private pure {
        bytes4 selector = bytes4(reason);
        bool isRevoked = selector == ITdxAttestationErrors.PckRevoked.selector
            || selector == ITdxAttestationErrors.PckCaRevoked.selector;
        if (isRevoked) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
