// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TcbStatus} from "./TdxTypes.sol";

/// @title TCB statuses: Intel's words for them, and how those of the parts become one
library TcbStatuses {
    /**
     * @notice A platform's status by its word in a TCB info (Intel PCS v4 API, TCB Info V3).
     * @param word keccak256 of the word.
     * @return `Unknown` for any other word.
     */
    function ofPlatform(bytes32 word) internal pure returns (TcbStatus) {
        if (word == keccak256("UpToDate")) return TcbStatus.UpToDate;
        if (word == keccak256("OutOfDate")) return TcbStatus.OutOfDate;
        if (word == keccak256("SWHardeningNeeded")) return TcbStatus.SWHardeningNeeded;
        if (word == keccak256("ConfigurationNeeded")) return TcbStatus.ConfigurationNeeded;
        if (word == keccak256("ConfigurationAndSWHardeningNeeded")) {
            return TcbStatus.ConfigurationAndSWHardeningNeeded;
        }
        if (word == keccak256("OutOfDateConfigurationNeeded")) return TcbStatus.OutOfDateConfigurationNeeded;
        if (word == keccak256("Revoked")) return TcbStatus.Revoked;
        return TcbStatus.Unknown;
    }

    /// @notice The status of a component, which is the TDX module or the quoting enclave.
    function ofComponent(bytes32 word) internal pure returns (TcbStatus) {
        if (word == keccak256("UpToDate")) return TcbStatus.UpToDate;
        if (word == keccak256("OutOfDate")) return TcbStatus.OutOfDate;
        if (word == keccak256("Revoked")) return TcbStatus.Revoked;
        return TcbStatus.Unknown;
    }

    /**
     * @notice Merges a component's status into the platform's (QVL `convergeTcbStatuses`): a revoked
     * component revokes, an out-of-date one makes out of date what was not.
     */
    function merge(TcbStatus platform, TcbStatus component) internal pure returns (TcbStatus) {
        if (component == TcbStatus.Revoked) return TcbStatus.Revoked;
        if (component != TcbStatus.OutOfDate) return platform;
        if (platform == TcbStatus.UpToDate || platform == TcbStatus.SWHardeningNeeded) return TcbStatus.OutOfDate;
        if (
            platform == TcbStatus.ConfigurationNeeded
                || platform == TcbStatus.ConfigurationAndSWHardeningNeeded
        ) return TcbStatus.OutOfDateConfigurationNeeded;
        return platform;
    }

    /**
     * @notice The status of a TD 1.5 from its TCB at launch and now (QVL `checkForRelaunch`): a TD
     * that started on an out-of-date TDX module which has been updated under it should start again.
     */
    function relaunch(TcbStatus launch, TcbStatus current) internal pure returns (TcbStatus) {
        if (!_isOutOfDate(launch)) return launch;
        if (_isOutOfDate(current) || current == TcbStatus.Revoked) return launch;
        return _needsConfiguration(launch) || _needsConfiguration(current)
            ? TcbStatus.TDRelaunchAdvisedConfigurationNeeded
            : TcbStatus.TDRelaunchAdvised;
    }

    function _isOutOfDate(TcbStatus status) private pure returns (bool) {
        return status == TcbStatus.OutOfDate || status == TcbStatus.OutOfDateConfigurationNeeded;
    }

    function _needsConfiguration(TcbStatus status) private pure returns (bool) {
        return status == TcbStatus.ConfigurationNeeded || status == TcbStatus.ConfigurationAndSWHardeningNeeded
            || status == TcbStatus.OutOfDateConfigurationNeeded;
    }
}
