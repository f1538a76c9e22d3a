// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {DerFault} from "../interfaces/ITdxAttestationErrors.sol";
import {Der} from "./Der.sol";
import {Memory} from "./Memory.sol";
import {Part, PckLeaf} from "./TdxTypes.sol";

/**
 * @title The SGX extension of a PCK certificate (Intel SGX PCK Certificate and CRL Profile
 * Specification, section 2.3.5): every required field once, nothing unknown, exact lengths
 *
 * @dev The extension is `SEQUENCE OF SEQUENCE { OID, value }`, where each OID is 1.2.840.113741.1.13.1
 * and one more arc; the TCB, field 2, and the configuration, field 7, are such lists themselves.
 */
library PckExtension {
    using Der for Der.Cursor;

    uint256 private constant _PPID = 1;
    uint256 private constant _TCB = 2;
    uint256 private constant _PCE_ID = 3;
    uint256 private constant _FMSPC = 4;
    uint256 private constant _SGX_TYPE = 5;
    uint256 private constant _PLATFORM_INSTANCE_ID = 6;
    uint256 private constant _CONFIGURATION = 7;

    uint256 private constant _COMPONENTS = 16;
    uint256 private constant _PCE_SVN = 17;
    uint256 private constant _CPU_SVN = 18;

    /// @dev A component below 128 in DER: `SEQUENCE { OID ...2.n, INTEGER }`, with n zero here, and
    /// then its value.
    uint256 private constant _COMPONENT = 0x3010060b2a864886f84d010d0102_00_0201;
    uint256 private constant _COMPONENT_LENGTH = 18;

    /// @dev PPID, TCB, PCE id, FMSPC and SGX type.
    uint256 private constant _REQUIRED = 0x3e;
    /// @dev TCB components 1 to 16, PCE SVN and CPU SVN.
    uint256 private constant _REQUIRED_OF_TCB = 0x7fffe;

    /// @dev Fills in `platformId`, SVNs, FMSPC and PCE id from the extension's `length` bytes at `ptr`.
    function read(uint256 ptr, uint256 length, PckLeaf memory leaf) internal pure {
        Der.Cursor memory cursor = Der.Cursor(ptr, ptr + length, ptr, Part.PCK_CERTIFICATE, true);
        if (length == 0) cursor.fail(DerFault.FIELD_MISSING);

        uint256 seen = 0;
        uint256 end = cursor.enter(Der.SEQUENCE);
        while (!cursor.isDone()) {
            uint256 fieldEnd = cursor.enter(Der.SEQUENCE);
            uint256 field = _readArc(cursor, 0, _CONFIGURATION);
            seen = _once(cursor, seen, field);
            if (field == _TCB) _readTcb(cursor, leaf);
            else if (field == _CONFIGURATION) _readConfiguration(cursor);
            else _readField(cursor, field, leaf);
            cursor.exit(fieldEnd);
        }
        cursor.exit(end);
        if (!cursor.isDone()) cursor.fail(DerFault.DATA_LEFT_OVER);
        if (seen & _REQUIRED != _REQUIRED) cursor.fail(DerFault.FIELD_MISSING);
    }

    function _readField(Der.Cursor memory cursor, uint256 field, PckLeaf memory leaf) private pure {
        if (field == _PPID) {
            leaf.platformId = keccak256(abi.encodePacked(bytes16(_octets(cursor, 16))));
        } else if (field == _PCE_ID) {
            leaf.pceId = bytes2(_octets(cursor, 2));
        } else if (field == _FMSPC) {
            leaf.fmspc = bytes6(_octets(cursor, 6));
        } else if (field == _SGX_TYPE) {
            // Standard, Scalable, ScalableWithIntegrity.
            if (cursor.unsigned(Der.ENUMERATED, 1) > 2) cursor.fail(DerFault.FIELD_UNKNOWN);
        } else {
            // _PLATFORM_INSTANCE_ID
            _octets(cursor, 16);
        }
    }

    function _readTcb(Der.Cursor memory cursor, PckLeaf memory leaf) private pure {
        uint256 seen = 0;
        uint256 components = 0;
        uint256 end = cursor.enter(Der.SEQUENCE);
        (seen, components) = _readComponents(cursor);
        while (!cursor.isDone()) {
            uint256 fieldEnd = cursor.enter(Der.SEQUENCE);
            uint256 field = _readArc(cursor, _TCB, _CPU_SVN);
            seen = _once(cursor, seen, field);
            if (field <= _COMPONENTS) {
                components |= cursor.unsigned(Der.INTEGER, 1) << (8 * (_COMPONENTS - field));
            } else if (field == _PCE_SVN) {
                leaf.pceSvn = uint16(cursor.unsigned(Der.INTEGER, 2));
            } else {
                _octets(cursor, 16);
            }
            cursor.exit(fieldEnd);
        }
        cursor.exit(end);
        if (seen != _REQUIRED_OF_TCB) cursor.fail(DerFault.FIELD_MISSING);
        leaf.sgxTcbComponents = bytes16(uint128(components));
    }

    /**
     * @dev The components that come first and in order, each below 128, as all of Intel's certificates
     * have them; what is otherwise is left to be read field by field. Comparing whole words spares a
     * quarter of the cost of a certificate.
     */
    function _readComponents(Der.Cursor memory cursor) private pure returns (uint256 seen, uint256 components) {
        unchecked {
            uint256 ptr = cursor.ptr;
            for (uint256 n = 1; n <= _COMPONENTS && ptr + _COMPONENT_LENGTH <= cursor.end; ++n) {
                uint256 word = Memory.word(ptr);
                uint256 value = (word >> 112) & 0xff;
                if (word >> 120 != _COMPONENT | (n << 16) || value > 0x7f) break;
                components |= value << (8 * (_COMPONENTS - n));
                seen |= 1 << n;
                ptr += _COMPONENT_LENGTH;
            }
            cursor.ptr = ptr;
        }
    }

    /// @dev Dynamic platform, cached keys, SMT enabled: flags that nothing here depends on.
    function _readConfiguration(Der.Cursor memory cursor) private pure {
        uint256 seen = 0;
        uint256 end = cursor.enter(Der.SEQUENCE);
        while (!cursor.isDone()) {
            uint256 fieldEnd = cursor.enter(Der.SEQUENCE);
            seen = _once(cursor, seen, _readArc(cursor, _CONFIGURATION, 3));
            cursor.boolean();
            cursor.exit(fieldEnd);
        }
        cursor.exit(end);
    }

    /// @dev The last arc of a field's identifier, from 1 to `max`; `parent` is the field it belongs to.
    function _readArc(Der.Cursor memory cursor, uint256 parent, uint256 max) private pure returns (uint256 arc) {
        (uint256 ptr, uint256 length) = cursor.read(Der.OID);
        uint256 word = Memory.word(ptr);
        bool isKnown = word >> 184 == 0x2a864886f84d010d01;
        if (parent == 0) {
            isKnown = isKnown && length == 10;
            arc = (word >> 176) & 0xff;
        } else {
            isKnown = isKnown && length == 11 && (word >> 176) & 0xff == parent;
            arc = (word >> 168) & 0xff;
        }
        if (!isKnown || arc == 0 || arc > max) cursor.fail(DerFault.FIELD_UNKNOWN);
    }

    function _once(Der.Cursor memory cursor, uint256 seen, uint256 field) private pure returns (uint256) {
        uint256 bit = 1 << field;
        if (seen & bit != 0) cursor.fail(DerFault.FIELD_REPEATED);
        return seen | bit;
    }

    /// @dev Exactly `length` octets, left-aligned.
    function _octets(Der.Cursor memory cursor, uint256 length) private pure returns (bytes32) {
        (uint256 ptr, uint256 found) = cursor.read(Der.OCTET_STRING);
        if (found != length) cursor.fail(DerFault.FIELD_LENGTH);
        return bytes32(Memory.word(ptr));
    }
}
