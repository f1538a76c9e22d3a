// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestationErrors, JsonFault} from "../interfaces/ITdxAttestationErrors.sol";
import {Json} from "./Json.sol";
import {LevelList} from "./LevelList.sol";
import {Memory} from "./Memory.sol";
import {TcbStatuses} from "./TcbStatuses.sol";
import {Part, TcbStatus} from "./TdxTypes.sol";

/**
 * @title Identity of the TD quoting enclave, version 2, from Intel's text to what `QeIdentityData` reads
 *
 * @notice Intel PCS v4 API, "Get TDX QE Identity". The caller has checked the signature over the text.
 */
library QeIdentityReader {
    using Json for Json.Cursor;

    struct QeIdentity {
        uint256 issueDate;
        uint256 nextUpdate;
        uint16 tcbEvaluationDataNumber;
        /// In the form of `QeIdentityData`.
        bytes data;
    }

    struct Draft {
        uint256 seen;
        bytes32 id;
        uint256 version;
        bytes32 miscSelect;
        bytes32 miscSelectMask;
        bytes32 attributes;
        bytes32 attributesMask;
        bytes32 mrSigner;
        uint256 isvProdId;
        LevelList.List levels;
        LevelList.Advisories advisories;
    }

    struct Level {
        uint256 seen;
        uint256 isvSvn;
        LevelList.Verdict verdict;
    }

    uint256 private constant _REQUIRED = 4095;

    /// @param signerId Who signed it; becomes part of the data, which dies with its signer.
    function read(bytes memory text, bytes32 signerId) public pure returns (QeIdentity memory identity) {
        Json.Cursor memory json = Json.open(text, true);
        Draft memory draft;
        draft.levels = LevelList.create();
        draft.advisories = LevelList.createAdvisories();
        bool more = json.begin(Json.OBJECT);
        while (more) {
            bytes32 name = json.name();
            if (!_readHeader(json, name, identity, draft) && !_readIdentity(json, name, draft)) json.skip();
            more = json.next(Json.OBJECT_END);
        }
        json.finish();
        json.member = 0;
        json.expectAll(draft.seen, 3);
        if (draft.id != "TD_QE") revert ITdxAttestationErrors.QeIdentityNotTdQe("TD_QE", draft.id);
        if (draft.version != 2) json.fail(JsonFault.VALUE_UNEXPECTED);
        json.expectAll(draft.seen, _REQUIRED);
        identity.data = abi.encodePacked(
            signerId,
            bytes4(draft.miscSelect),
            bytes4(draft.miscSelectMask),
            bytes16(draft.attributes),
            bytes16(draft.attributesMask),
            draft.mrSigner,
            uint16(draft.isvProdId),
            uint8(draft.levels.count),
            LevelList.encode(draft.levels),
            LevelList.encodeAdvisories(draft.advisories)
        );
    }

    function _readHeader(Json.Cursor memory json, bytes32 name, QeIdentity memory identity, Draft memory draft)
        private
        pure
        returns (bool)
    {
        uint256 bit;
        if (name == "id") {
            draft.id = json.word();
            bit = 1;
        } else if (name == "version") {
            draft.version = json.number(type(uint32).max);
            bit = 2;
        } else if (name == "issueDate") {
            identity.issueDate = json.time();
            bit = 4;
        } else if (name == "nextUpdate") {
            identity.nextUpdate = json.time();
            bit = 8;
        } else if (name == "tcbEvaluationDataNumber") {
            identity.tcbEvaluationDataNumber = uint16(json.number(type(uint16).max));
            bit = 16;
        } else {
            return false;
        }
        draft.seen = json.once(draft.seen, bit);
        return true;
    }

    function _readIdentity(Json.Cursor memory json, bytes32 name, Draft memory draft) private pure returns (bool) {
        uint256 bit;
        if (name == "miscselect") {
            (draft.miscSelect,) = json.hexBytes(4);
            bit = 32;
        } else if (name == "miscselectMask") {
            (draft.miscSelectMask,) = json.hexBytes(4);
            bit = 64;
        } else if (name == "attributes") {
            (draft.attributes,) = json.hexBytes(16);
            bit = 128;
        } else if (name == "attributesMask") {
            (draft.attributesMask,) = json.hexBytes(16);
            bit = 256;
        } else if (name == "mrsigner") {
            (draft.mrSigner,) = json.hexBytes(32);
            bit = 512;
        } else if (name == "isvprodid") {
            draft.isvProdId = json.number(type(uint16).max);
            bit = 1024;
        } else if (name == "tcbLevels") {
            draft.seen = json.once(draft.seen, 2048);
            _readLevels(json, draft);
            return true;
        } else {
            return false;
        }
        draft.seen = json.once(draft.seen, bit);
        return true;
    }

    function _readLevels(Json.Cursor memory json, Draft memory draft) private pure {
        bool more = json.begin(Json.LIST);
        if (!more) json.fail(JsonFault.LIST_EMPTY);
        while (more) {
            Level memory level;
            bool moreMembers = json.begin(Json.OBJECT);
            while (moreMembers) {
                _readLevelMember(json, json.name(), level, draft.advisories);
                moreMembers = json.next(Json.OBJECT_END);
            }
            json.expectAll(level.seen, 7);
            // Highest ISV SVN first, of equal ones the newest (QVL `IdentityTcbLevel::operator>`).
            LevelList.insert(
                json,
                draft.levels,
                level.isvSvn,
                level.verdict.tcbDate,
                abi.encodePacked(uint16(level.isvSvn), LevelList.encodeVerdict(level.verdict))
            );
            more = json.next(Json.LIST_END);
        }
    }

    function _readLevelMember(
        Json.Cursor memory json,
        bytes32 name,
        Level memory level,
        LevelList.Advisories memory advisories
    ) private pure {
        if (name == "tcb") {
            level.seen = json.once(level.seen, 1);
            level.isvSvn = _readIsvSvn(json);
        } else if (name == "tcbStatus") {
            (uint256 ptr, uint256 length) = json.text();
            level.verdict.status = TcbStatuses.ofComponent(Memory.hash(ptr, length));
            if (level.verdict.status == TcbStatus.Unknown) {
                revert ITdxAttestationErrors.TcbStatusUnknown(Part.QE_IDENTITY, bytes32(Memory.copy(ptr, length)));
            }
            level.seen = json.once(level.seen, 2);
        } else if (name == "tcbDate") {
            level.verdict.tcbDate = json.time();
            level.seen = json.once(level.seen, 4);
        } else if (name == "advisoryIDs") {
            level.seen = json.once(level.seen, 8);
            level.verdict.advisories = LevelList.readAdvisories(json, advisories);
        } else {
            json.skip();
        }
    }

    function _readIsvSvn(Json.Cursor memory json) private pure returns (uint256 isvSvn) {
        uint256 seen = 0;
        bool more = json.begin(Json.OBJECT);
        while (more) {
            if (json.name() == "isvsvn") {
                isvSvn = json.number(type(uint16).max);
                seen = json.once(seen, 1);
            } else {
                json.skip();
            }
            more = json.next(Json.OBJECT_END);
        }
        json.expectAll(seen, 1);
    }
}
