// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {MeasurementsDigest} from "./MeasurementsDigest.sol";
import {RegistryBase} from "./RegistryBase.sol";
import {Measurements} from "./RegistryTypes.sol";

/**
 * @title Which code a program trusts
 *
 * @notice An approval counts after the notice, and not a block longer than until it is withdrawn. The
 * same code approved again is another approval, with the notice again.
 */
abstract contract Approvals is RegistryBase {
    mapping(bytes32 programId => mapping(uint24 approvalId => Approval)) private _approvals;
    mapping(bytes32 programId => uint24) private _counts;

    function approve(bytes32 programId, Measurements calldata measurements)
        external
        onlyOwnerOf(programId)
        returns (uint24 approvalId)
    {
        return _approve(programId, measurements, _afterNotice(programId));
    }

    function withdraw(bytes32 programId, uint24 approvalId) external onlyOwnerOf(programId) {
        Approval storage approval = _approvals[programId][approvalId];
        if (approval.approvedFrom == 0) revert ApprovalUnknown(programId, approvalId);
        if (approval.isWithdrawn) revert ApprovalIsWithdrawn(approvalId);
        approval.isWithdrawn = true;
        _advanceListsEpoch(programId);
        emit ApprovalWithdrawn(programId, approvalId);
    }

    function approvalOf(bytes32 programId, uint24 approvalId) external view returns (Approval memory) {
        return _approvals[programId][approvalId];
    }

    /// @notice Approvals are numbered from 1 on.
    function approvalCount(bytes32 programId) external view returns (uint24) {
        return _counts[programId];
    }

    function _approve(bytes32 programId, Measurements calldata measurements, uint40 from)
        internal
        returns (uint24 approvalId)
    {
        (bytes20 digest, uint8 form) = MeasurementsDigest.ofApproval(measurements);
        approvalId = ++_counts[programId];
        _approvals[programId][approvalId] =
            Approval({digest: digest, approvedFrom: from, isWithdrawn: false, form: form});
        emit MeasurementsApproved(programId, approvalId, measurements, from);
    }

    function _isWithdrawn(bytes32 programId, uint24 approvalId) internal view returns (bool) {
        return _approvals[programId][approvalId].isWithdrawn;
    }

    /// @dev Refuses a quote whose measurements are not those of this approval, in force now.
    function _expectApproved(
        bytes32 programId,
        uint24 approvalId,
        bytes calldata quote,
        uint256 body,
        bool isTd15
    ) internal view {
        Approval memory approval = _approvals[programId][approvalId];
        if (approval.approvedFrom == 0) revert ApprovalUnknown(programId, approvalId);
        if (approval.isWithdrawn) revert ApprovalIsWithdrawn(approvalId);
        if (block.timestamp < approval.approvedFrom) {
            revert ApprovalNotYetInForce(approvalId, approval.approvedFrom, block.timestamp);
        }
        bytes20 found = MeasurementsDigest.ofQuote(quote, body, isTd15, approval.form);
        if (found != approval.digest) revert MeasurementsNotApproved(approvalId, approval.digest, found);
    }
}
