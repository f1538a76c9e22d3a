// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IRegistryErrors} from "../interfaces/IRegistryErrors.sol";
import {IWorkerRegistry} from "../interfaces/IWorkerRegistry.sol";
import {WorkerStatus} from "../registry/RegistryTypes.sol";

/**
 * @title A test double of the worker registry: whoever asks gets the answer that a test has set
 *
 * @notice For Foundry and Hardhat tests of contracts behind a `WorkerGate`. It verifies nothing, and
 * anyone may set anything: never deploy it where anything is at stake. It answers and reverts as the
 * registry does, and needs neither quotes nor collateral:
 *
 *     MockWorkerRegistry registry = new MockWorkerRegistry();
 *     JobMarket market = new JobMarket(registry);
 *     registry.setValid(PROGRAM, worker);
 *     vm.prank(worker);
 *     market.take(0);
 *     registry.setStatus(PROGRAM, worker, WorkerStatus.REVOKED);
 *     vm.expectRevert(registry.notValid(PROGRAM, worker));
 *     vm.prank(worker);
 *     market.take(1);
 */
contract MockWorkerRegistry is IWorkerRegistry, IRegistryErrors {
    mapping(bytes32 programId => bool) private _programs;
    /// @dev One more than the status, so that zero is a worker nobody spoke of.
    mapping(bytes32 programId => mapping(address worker => uint8)) private _statuses;

    /// @notice Makes a worker valid, and its program one that there is.
    function setValid(bytes32 programId, address worker) external {
        setStatus(programId, worker, WorkerStatus.VALID);
    }

    /// @notice Gives a worker any status. Its program is one that there is from then on, but for
    /// `PROGRAM_UNKNOWN`.
    function setStatus(bytes32 programId, address worker, WorkerStatus status) public {
        if (status != WorkerStatus.PROGRAM_UNKNOWN) _programs[programId] = true;
        _statuses[programId][worker] = uint8(status) + 1;
    }

    /// @notice A program without workers: they are unknown then, not their program.
    function setProgram(bytes32 programId) external {
        _programs[programId] = true;
    }

    /// @inheritdoc IWorkerRegistry
    function requireWorker(bytes32 programId, address worker) external view {
        WorkerStatus status = statusOf(programId, worker);
        if (status != WorkerStatus.VALID) revert WorkerNotValid(programId, worker, status);
    }

    /// @inheritdoc IWorkerRegistry
    function statusOf(bytes32 programId, address worker) public view returns (WorkerStatus) {
        uint8 known = _statuses[programId][worker];
        if (known != 0) return WorkerStatus(known - 1);
        return _programs[programId] ? WorkerStatus.WORKER_UNKNOWN : WorkerStatus.PROGRAM_UNKNOWN;
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

    /// @notice What `requireWorker` reverts with for this worker, for `vm.expectRevert`.
    function notValid(bytes32 programId, address worker) external view returns (bytes memory) {
        return abi.encodeWithSelector(WorkerNotValid.selector, programId, worker, statusOf(programId, worker));
    }
}
