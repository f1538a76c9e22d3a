// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWorkerRegistry} from "../../interfaces/IWorkerRegistry.sol";
import {WorkerGate} from "../WorkerGate.sol";

/**
 * @title A market in which only workers of the program that a job names may take it and answer it
 * @notice An example of one gate for many programs.
 */
contract JobMarket is WorkerGate {
    event JobPosted(uint256 indexed jobId, bytes32 indexed programId, bytes input);
    event JobTaken(uint256 indexed jobId, address indexed worker);
    event JobAnswered(uint256 indexed jobId, address indexed worker, bytes output);

    error JobUnknown(uint256 jobId);
    error JobNotOpen(uint256 jobId);
    error NotTaker(uint256 jobId, address expected, address found);

    struct Job {
        bytes32 programId;
        address taker;
        bool isAnswered;
    }

    Job[] private _jobs;

    constructor(IWorkerRegistry registry) WorkerGate(registry, "JobMarket", "1") {}

    function post(bytes32 programId, bytes calldata input) external returns (uint256 jobId) {
        jobId = _jobs.length;
        _jobs.push(Job(programId, address(0), false));
        emit JobPosted(jobId, programId, input);
    }

    function take(uint256 jobId) external onlyWorkerOf(programOf(jobId)) {
        Job storage job = _jobs[jobId];
        if (job.taker != address(0)) revert JobNotOpen(jobId);
        job.taker = _worker();
        emit JobTaken(jobId, job.taker);
    }

    /// @notice The worker must still be valid when it answers.
    function answer(uint256 jobId, bytes calldata output) external onlyWorkerOf(programOf(jobId)) {
        Job storage job = _jobs[jobId];
        if (job.taker != _worker()) revert NotTaker(jobId, job.taker, _worker());
        if (job.isAnswered) revert JobNotOpen(jobId);
        job.isAnswered = true;
        emit JobAnswered(jobId, job.taker, output);
    }

    function programOf(uint256 jobId) public view returns (bytes32) {
        if (jobId >= _jobs.length) revert JobUnknown(jobId);
        return _jobs[jobId].programId;
    }

    function jobOf(uint256 jobId) external view returns (Job memory) {
        if (jobId >= _jobs.length) revert JobUnknown(jobId);
        return _jobs[jobId];
    }
}
