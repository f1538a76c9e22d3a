// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

/**
 * @title Bytes kept as the code of a contract that cannot run
 *
 * @notice Reading them costs one cold account whatever their length, and keeping them a third of
 * what storage costs. Their address follows from their content (EIP-1014), so the same bytes are
 * never paid for twice, and whoever puts them there first only spares others the cost.
 */
library DataContract {
    /// @notice The most bytes that fit: the limit of EIP-170 less one.
    uint256 internal constant MAX_LENGTH = 24_575;

    /**
     * @notice Keeps `data`, if it is not kept yet.
     * @return pointer Where it is.
     * @return isNew Whether it was put there now.
     */
    function put(bytes memory data) internal returns (address pointer, bool isNew) {
        bytes memory initCode = _initCode(data);
        pointer = Create2.computeAddress(0, keccak256(initCode));
        isNew = pointer.code.length == 0;
        if (isNew) Create2.deploy(0, 0, initCode);
    }

    /// @notice Where `data` is kept, or would be.
    function addressOf(bytes memory data) internal view returns (address) {
        return Create2.computeAddress(0, keccak256(_initCode(data)));
    }

    /// @notice What is kept at `pointer`, behind one byte that belongs to the contract.
    function get(address pointer) internal view returns (bytes memory code) {
        return pointer.code;
    }

    /**
     * @dev Copies what follows itself into memory and returns it as the code: PUSH2 length, DUP1,
     * PUSH1 10, RETURNDATASIZE (zero), CODECOPY, RETURNDATASIZE, RETURN; then STOP, so that a call
     * runs nothing, and the data.
     */
    function _initCode(bytes memory data) private pure returns (bytes memory) {
        return abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df3_00", data);
    }
}
