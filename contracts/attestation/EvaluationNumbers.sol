// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ITdxAttestation} from "../interfaces/ITdxAttestation.sol";

/**
 * @title From when on which TCB evaluation data number is the least that counts
 *
 * @notice Intel keeps older numbers alive for a year after a TCB recovery. Here the first upload of a
 * higher number starts a public clock of 30 days, after which lower numbers count no more. The
 * guardian may shorten a clock, and nobody can lengthen one. A program may demand a number at once.
 *
 * @dev For each number is kept when a higher one takes over, so that judging reads no list. There
 * are about as many numbers as there were TCB recoveries, two to four a year.
 */
abstract contract EvaluationNumbers is ITdxAttestation, AccessManaged {
    uint32 internal constant CLOCK = 30 days;

    uint16[] private _numbers;
    /// @dev When a number becomes the minimum.
    mapping(uint16 number => uint32) private _minimumFrom;

    /// @inheritdoc ITdxAttestation
    function shortenClock(uint16 number, uint32 minimumFrom) external restricted {
        uint32 present = _minimumFrom[number];
        if (present == 0) revert TcbEvaluationNumberUnknown(number);
        // A time that has passed means now, so that nothing is judged in hindsight.
        if (minimumFrom < block.timestamp) minimumFrom = uint32(block.timestamp);
        if (minimumFrom >= present) revert ClockNotShortened(present - 1, minimumFrom);
        _minimumFrom[number] = minimumFrom;
        _supersedeBelow(number, minimumFrom);
        emit ClockShortened(number, minimumFrom);
    }

    /// @inheritdoc ITdxAttestation
    function evaluationNumbers() external view returns (uint16[] memory) {
        return _numbers;
    }

    /// @inheritdoc ITdxAttestation
    function minimumFromOf(uint16 number) external view returns (uint32) {
        return _minimumFrom[number];
    }

    /// @notice The least number that counts now; zero while none has become one.
    function minimumEvaluationNumber() external view returns (uint16 minimum) {
        for (uint256 i = 0; i < _numbers.length; ++i) {
            uint16 number = _numbers[i];
            if (number > minimum && _minimumFrom[number] <= block.timestamp) minimum = number;
        }
    }

    /// @dev Kept for each number; zero while no higher number is known.
    function _supersededAt(uint16 number) internal view virtual returns (uint32);

    function _setSupersededAt(uint16 number, uint32 ptr) internal virtual;

    /// @dev Refuses collateral of a number that counts no more.
    function _refuseSuperseded(uint16 number, uint32 supersededAt) internal view {
        if (supersededAt != 0 && block.timestamp >= supersededAt) {
            revert TcbEvaluationNumberSuperseded(number, supersededAt);
        }
    }

    /// @dev Notes a number that collateral has, which starts its clock when it is the highest so far.
    function _see(uint16 number) internal {
        if (_minimumFrom[number] == 0) {
            uint32 minimumFrom = uint32(block.timestamp) + CLOCK;
            uint32 superseded = 0;
            for (uint256 i = 0; i < _numbers.length; ++i) {
                uint16 other = _numbers[i];
                uint32 from = _minimumFrom[other];
                if (other > number && (superseded == 0 || from < superseded)) superseded = from;
            }
            _numbers.push(number);
            _minimumFrom[number] = minimumFrom;
            if (superseded != 0) _setSupersededAt(number, superseded);
            else _supersedeBelow(number, minimumFrom);
            emit TcbEvaluationNumberSeen(number, minimumFrom);
        }
        _refuseSuperseded(number, _supersededAt(number));
    }

    function _supersedeBelow(uint16 number, uint32 minimumFrom) private {
        for (uint256 i = 0; i < _numbers.length; ++i) {
            uint16 other = _numbers[i];
            if (other >= number) continue;
            uint32 ptr = _supersededAt(other);
            if (ptr == 0 || ptr > minimumFrom) _setSupersededAt(other, minimumFrom);
        }
    }
}
