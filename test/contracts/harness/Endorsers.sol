// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IPlatformEndorser} from "../../../contracts/interfaces/IPlatformEndorser.sol";

/// @dev Vouches for what it was told to, and may change its mind.
contract HonestEndorser is IPlatformEndorser {
    mapping(bytes32 platformId => bool) private _isEndorsed;

    function set(bytes32 platformId, bool value) external {
        _isEndorsed[platformId] = value;
    }

    function isEndorsed(bytes32, bytes32 platformId) external view returns (bool) {
        return _isEndorsed[platformId];
    }
}

/// @dev Answers every question in one of the ways that must not count as a yes, or as one.
contract OddEndorser {
    enum Answer {
        TRUE,
        TWO,
        LONG,
        SHORT,
        NOTHING,
        REVERTS_WITH_TRUE,
        BURNS_ALL_GAS,
        HUGE
    }

    Answer private immutable _ANSWER;

    constructor(Answer answer) {
        _ANSWER = answer;
    }

    fallback() external {
        Answer answer = _ANSWER;
        assembly ("memory-safe") {
            mstore(0, 1)
            switch answer
            case 0 { return(0, 32) }
            case 1 {
                mstore(0, 2)
                return(0, 32)
            }
            case 2 { return(0, 64) }
            case 3 { return(1, 31) }
            case 4 { return(0, 0) }
            case 5 { revert(0, 32) }
            case 6 { invalid() }
            // All that the gas of the question pays for in memory.
            default { return(0, 200000) }
        }
    }
}
