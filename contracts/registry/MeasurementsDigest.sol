// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TdxQuote} from "../attestation/TdxQuote.sol";
import {IRegistryErrors} from "../interfaces/IRegistryErrors.sol";
import {ApplicationRegister, Measurements} from "./RegistryTypes.sol";

/**
 * @title What an approval is compared by: one hash over what was measured
 *
 * @notice Over, in this order, and zero where an approval leaves a register open:
 *
 * | length | field                                      |
 * | -----: | ------------------------------------------ |
 * |      1 | form: bit 0 RTMR3, bit 1 MRSEAM is pinned  |
 * |      8 | TD attributes                              |
 * |      8 | XFAM                                       |
 * |     48 | MRTD                                       |
 * |    144 | RTMR0, RTMR1, RTMR2                        |
 * |     48 | MRSEAM                                     |
 * |     48 | MRSERVICETD                                |
 * |     48 | MRCONFIGID or RTMR3                        |
 */
library MeasurementsDigest {
    uint8 private constant _RTMR3 = 1;
    uint8 private constant _PINS_MRSEAM = 2;

    // Offsets in a TD report's body (Intel TDX DCAP Quoting Library API, appendix A.3.2).
    uint256 private constant _MRSEAM_AT = 16;
    uint256 private constant _TD_ATTRIBUTES_AT = 120;
    uint256 private constant _MRCONFIGID_AT = 184;
    uint256 private constant _RTMR0_AT = 328;
    uint256 private constant _RTMR3_AT = 472;
    uint256 private constant _MRSERVICETD_AT = 600;

    /// @dev Of the first byte of the TD attributes, the bits that let the host look into the TD.
    bytes8 private constant _UNTRUSTED = 0xff00000000000000;
    /// @dev Bit 29, counted from the least significant bit of the first byte.
    bytes8 private constant _MIGRATABLE = 0x0000002000000000;

    /// @notice Checks measurements that are to be approved, and gives their digest.
    function ofApproval(Measurements calldata m) public pure returns (bytes20 digest, uint8 form) {
        if (m.tdAttributes & _UNTRUSTED != 0) revert IRegistryErrors.MeasurementsInvalid("tdAttributes: debug");
        if (m.tdAttributes & _MIGRATABLE != 0 && !m.allowMigratable) {
            revert IRegistryErrors.MeasurementsInvalid("tdAttributes: migratable");
        }
        _expectRegister(m.mrTd, "mrTd", false);
        _expectRegister(m.rtmr0, "rtmr0", false);
        _expectRegister(m.rtmr1, "rtmr1", false);
        _expectRegister(m.rtmr2, "rtmr2", false);
        _expectRegister(m.mrSeam, "mrSeam", true);
        _expectRegister(m.mrServiceTd, "mrServiceTd", true);
        if (m.application.length == 0 || _isZero(m.application)) revert IRegistryErrors.ApplicationNotMeasured();
        _expectRegister(m.application, "application", false);
        if (m.applicationRegister == ApplicationRegister.RTMR3) form |= _RTMR3;
        else if (!m.osEnforcesMrConfigId) revert IRegistryErrors.MrConfigIdNotEnforced();
        if (m.mrSeam.length > 0) form |= _PINS_MRSEAM;
        bytes memory open_ = new bytes(48);
        digest = bytes20(
            keccak256(
                bytes.concat(
                    abi.encodePacked(form, m.tdAttributes, m.xfam, m.mrTd, m.rtmr0, m.rtmr1, m.rtmr2),
                    m.mrSeam.length > 0 ? m.mrSeam : open_,
                    m.mrServiceTd.length > 0 ? m.mrServiceTd : open_,
                    m.application
                )
            )
        );
    }

    /// @notice The digest of a verified quote's measurements, in an approval's form.
    /// @param body Offset of the TD report's body.
    function ofQuote(bytes calldata quote, uint256 body, bool isTd15, uint8 form) internal pure returns (bytes20) {
        uint256 mrSeam = form & _PINS_MRSEAM != 0 ? body + _MRSEAM_AT : type(uint256).max;
        uint256 mrServiceTd = isTd15 ? body + _MRSERVICETD_AT : type(uint256).max;
        uint256 application = body + (form & _RTMR3 != 0 ? _RTMR3_AT : _MRCONFIGID_AT);
        bytes32 digest;
        assembly ("memory-safe") {
            // Behind the free memory pointer, which stays where it is.
            let ptr := mload(0x40)
            mstore8(ptr, form)
            // TD attributes, XFAM and MRTD lie side by side, as do RTMR0 to RTMR2.
            calldatacopy(add(ptr, 1), add(quote.offset, add(body, 120)), 64)
            calldatacopy(add(ptr, 65), add(quote.offset, add(body, _RTMR0_AT)), 144)
            // Reading beyond the calldata gives zeros.
            if eq(mrSeam, not(0)) { calldatacopy(add(ptr, 209), calldatasize(), 48) }
            if lt(mrSeam, not(0)) { calldatacopy(add(ptr, 209), add(quote.offset, mrSeam), 48) }
            if eq(mrServiceTd, not(0)) { calldatacopy(add(ptr, 257), calldatasize(), 48) }
            if lt(mrServiceTd, not(0)) { calldatacopy(add(ptr, 257), add(quote.offset, mrServiceTd), 48) }
            calldatacopy(add(ptr, 305), add(quote.offset, application), 48)
            digest := keccak256(ptr, 353)
        }
        return bytes20(digest);
    }

    /// @notice Refuses a TD that its host can look into, whatever a program approved.
    function refuseDebug(bytes calldata quote, uint256 body) internal pure returns (bytes8 tdAttributes) {
        tdAttributes = bytes8(bytes32(TdxQuote.word(quote, body + _TD_ATTRIBUTES_AT)));
        if (tdAttributes & _UNTRUSTED != 0) revert IRegistryErrors.DebugTd(tdAttributes);
    }

    /// @notice Bit 28: the TD is not asked to handle #VE for pages that the host takes away.
    function hasSeptVeDisable(bytes8 tdAttributes) internal pure returns (bool) {
        return tdAttributes & 0x0000001000000000 != 0;
    }

    function _expectRegister(bytes calldata value, bytes32 field, bool mayBeOpen) private pure {
        if (value.length != 48 && !(mayBeOpen && value.length == 0)) revert IRegistryErrors.MeasurementsInvalid(field);
    }

    function _isZero(bytes calldata value) private pure returns (bool) {
        for (uint256 i = 0; i < value.length; ++i) {
            if (value[i] != 0) return false;
        }
        return true;
    }
}
