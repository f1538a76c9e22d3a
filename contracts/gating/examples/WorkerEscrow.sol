// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IWorkerRegistry} from "../../interfaces/IWorkerRegistry.sol";
import {WorkerGate} from "../WorkerGate.sol";

/**
 * @title An escrow that pays live workers of one program, and returns what nobody earned
 * @notice An example of a gate in front of money: a worker that is revoked before it claims gets nothing.
 */
contract WorkerEscrow is WorkerGate {
    event Deposited(uint256 indexed depositId, address indexed payer, uint256 amount, uint256 until);
    event Paid(uint256 indexed depositId, address indexed worker, uint256 amount);
    event Returned(uint256 indexed depositId, address indexed payer, uint256 amount);

    error NothingToPay(uint256 depositId);
    error NotYetReturnable(uint256 expected, uint256 found);

    struct Deposit {
        address payer;
        uint256 amount;
        /// Unix seconds: from then on the payer may have it back.
        uint256 until;
    }

    bytes32 public immutable PROGRAM_ID;
    Deposit[] private _deposits;

    constructor(IWorkerRegistry registry, bytes32 programId) WorkerGate(registry, "WorkerEscrow", "1") {
        PROGRAM_ID = programId;
    }

    function deposit(uint256 until) external payable returns (uint256 depositId) {
        depositId = _deposits.length;
        _deposits.push(Deposit(msg.sender, msg.value, until));
        emit Deposited(depositId, msg.sender, msg.value, until);
    }

    /// @param to Where the worker, which need not hold anything, wants the money.
    function claim(uint256 depositId, address payable to) external onlyWorkerOf(PROGRAM_ID) {
        uint256 amount = _take(depositId);
        emit Paid(depositId, _worker(), amount);
        Address.sendValue(to, amount);
    }

    function takeBack(uint256 depositId) external {
        Deposit memory found = _deposits[depositId];
        if (block.timestamp < found.until) revert NotYetReturnable(found.until, block.timestamp);
        uint256 amount = _take(depositId);
        emit Returned(depositId, found.payer, amount);
        Address.sendValue(payable(found.payer), amount);
    }

    function depositOf(uint256 depositId) external view returns (Deposit memory) {
        return _deposits[depositId];
    }

    function _take(uint256 depositId) private returns (uint256 amount) {
        amount = _deposits[depositId].amount;
        if (amount == 0) revert NothingToPay(depositId);
        _deposits[depositId].amount = 0;
    }
}
