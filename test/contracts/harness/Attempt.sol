// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/**
 * @title Calls what may revert, and says what it answered and what it cost
 * @notice To the node nothing has failed, so that it does not replay the call for a stack trace,
 * which takes ten times as long as the call.
 */
contract Attempt {
    function attempt(address target, bytes calldata data)
        external
        returns (bool isAccepted, bytes memory answer, uint256 gas)
    {
        gas = gasleft();
        (isAccepted, answer) = target.call(data);
        gas -= gasleft();
    }
}
