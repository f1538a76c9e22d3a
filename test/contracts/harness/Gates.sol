// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IWorkerRegistry} from "../../../contracts/interfaces/IWorkerRegistry.sol";
import {WorkerGate} from "../../../contracts/gating/WorkerGate.sol";

/// @dev What both harnesses for gas have, so that they differ by the guard alone.
abstract contract Counting is WorkerGate {
    uint256 public count = 1;

    constructor(IWorkerRegistry registry) WorkerGate(registry, "Counting", "1") {}
}

contract UnguardedCounter is Counting {
    bytes32 public immutable PROGRAM_ID;

    constructor(IWorkerRegistry registry, bytes32 programId) Counting(registry) {
        PROGRAM_ID = programId;
    }

    function increase() external {
        ++count;
    }
}

contract GuardedCounter is Counting {
    bytes32 public immutable PROGRAM_ID;

    constructor(IWorkerRegistry registry, bytes32 programId) Counting(registry) {
        PROGRAM_ID = programId;
    }

    function increase() external onlyWorkerOf(PROGRAM_ID) {
        ++count;
    }
}

interface ICallee {
    function called() external payable;
}

/// @dev A gate with all that a signed call could be turned against.
contract OpenHeartedGate is WorkerGate {
    event Acted(address worker, address sender, uint256 value);

    error NotSelf();
    error Refused(uint256 reason);

    bytes32 public immutable PROGRAM_ID;
    address public recorded;

    constructor(IWorkerRegistry registry, bytes32 programId) WorkerGate(registry, "OpenHeartedGate", "1") {
        PROGRAM_ID = programId;
    }

    receive() external payable {}

    function act() public payable onlyWorkerOf(PROGRAM_ID) {
        recorded = _worker();
        emit Acted(_worker(), msg.sender, msg.value);
    }

    /// @dev Guarded; then calls whom it is told to, which may call back.
    function actThenCall(address callee) external onlyWorkerOf(PROGRAM_ID) {
        ICallee(callee).called();
        emit Acted(_worker(), msg.sender, 0);
    }

    function refuse(uint256 reason) external onlyWorkerOf(PROGRAM_ID) {
        revert Refused(reason);
    }

    /// @dev Not for workers: for this contract itself, as contracts have that hold tokens or own themselves.
    function sweep(address payable to) external {
        if (msg.sender != address(this)) revert NotSelf();
        (bool ok,) = to.call{value: address(this).balance}("");
        if (!ok) revert Refused(0);
    }

    function whoActs() external view returns (address) {
        return _worker();
    }

    function actBySelfCall() external {
        this.act();
    }
}

/// @dev Called by a gate while a signed call is carried, it tries to act as the worker.
contract CallingBack {
    OpenHeartedGate private immutable _GATE;
    bool private immutable _CARRIES;
    WorkerGate.WorkerCall private _call;
    bytes private _signature;
    /// What came of it.
    bool public succeeded;
    bytes public reason;

    constructor(OpenHeartedGate gate, bool carries) {
        _GATE = gate;
        _CARRIES = carries;
    }

    function prepare(WorkerGate.WorkerCall calldata call, bytes calldata signature) external {
        _call = call;
        _signature = signature;
    }

    function called() external payable {
        bytes memory data = _CARRIES
            ? abi.encodeCall(WorkerGate.callAs, (_call, _signature))
            : abi.encodeCall(OpenHeartedGate.act, ());
        (succeeded, reason) = address(_GATE).call(data);
    }
}
