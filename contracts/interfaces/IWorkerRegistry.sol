// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {WorkerStatus} from "../registry/RegistryTypes.sol";

/// @title What other people's contracts ask: is this a live, attested worker of that program, and if not, why
interface IWorkerRegistry {
    /// @notice Reverts with `WorkerNotValid` unless `worker` is valid. For gates; see `WorkerGate`.
    function requireWorker(bytes32 programId, address worker) external view;

    /// @notice Why a worker is not valid, or `VALID`.
    function statusOf(bytes32 programId, address worker) external view returns (WorkerStatus);

    /// @notice The same for many at once; both lists are of one length.
    function statusesOf(bytes32[] calldata programIds, address[] calldata workers)
        external
        view
        returns (WorkerStatus[] memory);
}
