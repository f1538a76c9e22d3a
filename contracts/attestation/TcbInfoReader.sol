// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITdxAttestationErrors, JsonFault} from "../interfaces/ITdxAttestationErrors.sol";
import {Json} from "./Json.sol";
import {LevelList} from "./LevelList.sol";
import {Memory} from "./Memory.sol";
import {TcbStatuses} from "./TcbStatuses.sol";
import {Part, TcbStatus} from "./TdxTypes.sol";

/**
 * @title TCB Info V3 for TDX, from Intel's text to what `TcbInfoData` reads
 *
 * @notice Intel PCS v4 API, "Get TDX TCB Info". The caller has checked the signature over the text.
 */
library TcbInfoReader {
    using Json for Json.Cursor;

    struct TcbInfo {
        uint256 issueDate;
        uint256 nextUpdate;
        bytes6 fmspc;
        uint16 tcbEvaluationDataNumber;
        /// In the form of `TcbInfoData`.
        bytes data;
    }

    /// @dev Members of the document; the last, which older documents lack, is optional.
    uint256 private constant _ID = 1;
    uint256 private constant _VERSION = 2;
    uint256 private constant _ISSUE_DATE = 4;
    uint256 private constant _NEXT_UPDATE = 8;
    uint256 private constant _FMSPC = 16;
    uint256 private constant _PCE_ID = 32;
    uint256 private constant _TCB_TYPE = 64;
    uint256 private constant _NUMBER = 128;
    uint256 private constant _TDX_MODULE = 256;
    uint256 private constant _TCB_LEVELS = 512;
    uint256 private constant _REQUIRED = 1023;
    uint256 private constant _TDX_MODULE_IDENTITIES = 1024;

    struct Draft {
        bytes32 id;
        uint256 version;
        bytes2 pceId;
        bytes tdxModule;
        bytes moduleIdentities;
        LevelList.List levels;
        LevelList.Advisories advisories;
    }

    struct Module {
        uint256 seen;
        bytes32 mrSignerHigh;
        bytes32 mrSignerLow;
        bytes32 attributes;
        /// The last two characters of TDX_xx as a number; above 255: an id of another form.
        uint256 version;
        LevelList.List levels;
    }

    struct Level {
        uint256 seen;
        uint256 sgxComponents;
        uint256 pceSvn;
        uint256 tdxComponents;
        LevelList.Verdict verdict;
    }

    /// @param signerId Who signed it; becomes part of the data, which dies with its signer.
    function read(bytes memory text, bytes32 signerId) public pure returns (TcbInfo memory info) {
        Json.Cursor memory json = Json.open(text, false);
        Draft memory draft;
        draft.levels = LevelList.create();
        draft.advisories = LevelList.createAdvisories();
        uint256 seen = 0;
        bool more = json.begin(Json.OBJECT);
        while (more) {
            seen = _readMember(json, json.name(), seen, info, draft);
            more = json.next(Json.OBJECT_END);
        }
        json.finish();
        json.member = 0;
        json.expectAll(seen, _VERSION);
        // Version 2 has no id and is for SGX.
        if (draft.id != "TDX" || draft.version != 3) {
            revert ITdxAttestationErrors.TcbInfoNotTdx("TDX", draft.id, draft.version);
        }
        json.expectAll(seen, _REQUIRED);
        info.data = abi.encodePacked(
            signerId,
            draft.pceId,
            draft.tdxModule,
            draft.moduleIdentities.length == 0 ? abi.encodePacked(uint8(0)) : draft.moduleIdentities,
            uint8(draft.levels.count),
            LevelList.encode(draft.levels),
            LevelList.encodeAdvisories(draft.advisories)
        );
    }

    function _readMember(
        Json.Cursor memory json,
        bytes32 name,
        uint256 seen,
        TcbInfo memory info,
        Draft memory draft
    ) private pure returns (uint256) {
        if (name == "id") {
            draft.id = json.word();
            return json.once(seen, _ID);
        }
        if (name == "version") {
            draft.version = json.number(type(uint32).max);
            return json.once(seen, _VERSION);
        }
        if (name == "issueDate") {
            info.issueDate = json.time();
            return json.once(seen, _ISSUE_DATE);
        }
        if (name == "nextUpdate") {
            info.nextUpdate = json.time();
            return json.once(seen, _NEXT_UPDATE);
        }
        if (name == "fmspc") {
            (bytes32 value,) = json.hexBytes(6);
            info.fmspc = bytes6(value);
            return json.once(seen, _FMSPC);
        }
        if (name == "pceId") {
            (bytes32 value,) = json.hexBytes(2);
            draft.pceId = bytes2(value);
            return json.once(seen, _PCE_ID);
        }
        if (name == "tcbType") {
            // How levels are compared; there is no other type.
            if (json.number(type(uint32).max) != 0) json.fail(JsonFault.VALUE_UNEXPECTED);
            return json.once(seen, _TCB_TYPE);
        }
        if (name == "tcbEvaluationDataNumber") {
            info.tcbEvaluationDataNumber = uint16(json.number(type(uint16).max));
            return json.once(seen, _NUMBER);
        }
        if (name == "tdxModule") {
            Module memory module = _readModule(json, false, draft.advisories);
            draft.tdxModule = abi.encodePacked(
                module.mrSignerHigh, bytes16(module.mrSignerLow), bytes8(module.attributes)
            );
            return json.once(seen, _TDX_MODULE);
        }
        if (name == "tdxModuleIdentities") {
            seen = json.once(seen, _TDX_MODULE_IDENTITIES);
            draft.moduleIdentities = _readModuleIdentities(json, draft.advisories);
            return seen;
        }
        if (name == "tcbLevels") {
            seen = json.once(seen, _TCB_LEVELS);
            _readLevels(json, draft);
            return seen;
        }
        json.skip();
        return seen;
    }

    /// @dev `tdxModule`, or one of `tdxModuleIdentities`.
    function _readModule(Json.Cursor memory json, bool isIdentity, LevelList.Advisories memory advisories)
        private
        pure
        returns (Module memory module)
    {
        bool more = json.begin(Json.OBJECT);
        while (more) {
            bytes32 name = json.name();
            if (name == "mrsigner") {
                (module.mrSignerHigh, module.mrSignerLow) = json.hexBytes(48);
                module.seen = json.once(module.seen, 1);
            } else if (name == "attributes") {
                (module.attributes,) = json.hexBytes(8);
                module.seen = json.once(module.seen, 2);
            } else if (name == "attributesMask") {
                // Intel's library asks for equality without it.
                json.hexBytes(8);
                module.seen = json.once(module.seen, 4);
            } else if (isIdentity && name == "id") {
                module.version = _readModuleId(json);
                module.seen = json.once(module.seen, 8);
            } else if (isIdentity && name == "tcbLevels") {
                module.seen = json.once(module.seen, 16);
                module.levels = _readModuleLevels(json, advisories);
            } else {
                json.skip();
            }
            more = json.next(Json.OBJECT_END);
        }
        json.expectAll(module.seen, isIdentity ? 31 : 7);
    }

    /// @dev TDX_ and two hex digits, in either case.
    function _readModuleId(Json.Cursor memory json) private pure returns (uint256) {
        bytes32 id = json.word();
        uint256 high = _hexDigit(uint8(id[4]));
        uint256 low = _hexDigit(uint8(id[5]));
        // Without the bit that is the case of a letter; "_" has it too.
        bool isTdx = bytes4(id) & 0xdfdfdfff == 0x5444585f && id[6] == 0;
        return isTdx && high < 16 && low < 16 ? 16 * high + low : type(uint256).max;
    }

    function _hexDigit(uint256 character) private pure returns (uint256) {
        unchecked {
            if (character - 0x30 < 10) return character - 0x30;
            uint256 letter = (character | 0x20) - 0x61;
            return letter < 6 ? letter + 10 : 16;
        }
    }

    function _readModuleIdentities(Json.Cursor memory json, LevelList.Advisories memory advisories)
        private
        pure
        returns (bytes memory encoded)
    {
        uint256 count = 0;
        uint256 versions = 0;
        bool more = json.begin(Json.LIST);
        if (!more) json.fail(JsonFault.LIST_EMPTY);
        while (more) {
            Module memory module = _readModule(json, true, advisories);
            // An id of another form is no module's; it is passed over, as no quote can name it.
            if (module.version < 256) {
                if (versions >> module.version & 1 == 1) json.fail(JsonFault.MEMBER_REPEATED);
                versions |= 1 << module.version;
                bytes memory levels = LevelList.encode(module.levels);
                if (levels.length > type(uint16).max) json.fail(JsonFault.TOO_LONG);
                ++count;
                encoded = abi.encodePacked(
                    encoded,
                    uint8(module.version),
                    module.mrSignerHigh,
                    bytes16(module.mrSignerLow),
                    bytes8(module.attributes),
                    uint16(levels.length),
                    levels
                );
            }
            more = json.next(Json.LIST_END);
        }
        if (count > type(uint8).max) json.fail(JsonFault.TOO_LONG);
        encoded = abi.encodePacked(uint8(count), encoded);
    }

    function _readModuleLevels(Json.Cursor memory json, LevelList.Advisories memory advisories)
        private
        pure
        returns (LevelList.List memory levels)
    {
        levels = LevelList.create();
        bool more = json.begin(Json.LIST);
        if (!more) json.fail(JsonFault.LIST_EMPTY);
        while (more) {
            Level memory level;
            bool moreMembers = json.begin(Json.OBJECT);
            while (moreMembers) {
                bytes32 name = json.name();
                if (name == "tcb") {
                    level.pceSvn = _readIsvSvn(json, type(uint32).max);
                    level.seen = json.once(level.seen, 1);
                } else {
                    _readVerdict(json, name, level, advisories, false);
                }
                moreMembers = json.next(Json.OBJECT_END);
            }
            json.expectAll(level.seen, 7);
            LevelList.insert(
                json,
                levels,
                level.pceSvn,
                0,
                abi.encodePacked(uint32(level.pceSvn), LevelList.encodeVerdict(level.verdict))
            );
            more = json.next(Json.LIST_END);
        }
    }

    /// @dev `{"isvsvn": n}`
    function _readIsvSvn(Json.Cursor memory json, uint256 max) private pure returns (uint256 isvSvn) {
        uint256 seen = 0;
        bool more = json.begin(Json.OBJECT);
        while (more) {
            if (json.name() == "isvsvn") {
                isvSvn = json.number(max);
                seen = json.once(seen, 1);
            } else {
                json.skip();
            }
            more = json.next(Json.OBJECT_END);
        }
        json.expectAll(seen, 1);
    }

    function _readLevels(Json.Cursor memory json, Draft memory draft) private pure {
        bool more = json.begin(Json.LIST);
        if (!more) json.fail(JsonFault.LIST_EMPTY);
        while (more) {
            Level memory level;
            bool moreMembers = json.begin(Json.OBJECT);
            while (moreMembers) {
                bytes32 name = json.name();
                if (name == "tcb") {
                    level.seen = json.once(level.seen, 1);
                    _readTcb(json, level);
                } else {
                    _readVerdict(json, name, level, draft.advisories, true);
                }
                moreMembers = json.next(Json.OBJECT_END);
            }
            json.expectAll(level.seen, 7);
            LevelList.insert(
                json,
                draft.levels,
                (level.sgxComponents << 32) | level.pceSvn,
                level.tdxComponents,
                abi.encodePacked(
                    uint128(level.sgxComponents),
                    uint32(level.pceSvn),
                    uint128(level.tdxComponents),
                    LevelList.encodeVerdict(level.verdict)
                )
            );
            more = json.next(Json.LIST_END);
        }
    }

    function _readTcb(Json.Cursor memory json, Level memory level) private pure {
        uint256 seen = 0;
        bool more = json.begin(Json.OBJECT);
        while (more) {
            bytes32 name = json.name();
            if (name == "sgxtcbcomponents") {
                seen = json.once(seen, 1);
                level.sgxComponents = _readComponents(json);
            } else if (name == "tdxtcbcomponents") {
                seen = json.once(seen, 2);
                level.tdxComponents = _readComponents(json);
            } else if (name == "pcesvn") {
                level.pceSvn = json.number(type(uint32).max);
                seen = json.once(seen, 4);
            } else {
                json.skip();
            }
            more = json.next(Json.OBJECT_END);
        }
        json.expectAll(seen, 7);
    }

    /// @dev 16 SVNs of one byte, the first leftmost: compared as numbers, they compare as lists.
    function _readComponents(Json.Cursor memory json) private pure returns (uint256 components) {
        uint256 count = 0;
        bool more = json.begin(Json.LIST);
        while (more) {
            if (count == 16) json.fail(JsonFault.LIST_LENGTH);
            components = (components << 8) | _readComponent(json);
            unchecked {
                ++count;
            }
            more = json.next(Json.LIST_END);
        }
        if (count != 16) json.fail(JsonFault.LIST_LENGTH);
    }

    function _readComponent(Json.Cursor memory json) private pure returns (uint256 svn) {
        uint256 seen = 0;
        bool more = json.begin(Json.OBJECT);
        while (more) {
            if (json.name() == "svn") {
                svn = json.number(255);
                seen = json.once(seen, 1);
            } else {
                // Category and type are for people.
                json.skip();
            }
            more = json.next(Json.OBJECT_END);
        }
        json.expectAll(seen, 1);
    }

    function _readVerdict(
        Json.Cursor memory json,
        bytes32 name,
        Level memory level,
        LevelList.Advisories memory advisories,
        bool isPlatform
    ) private pure {
        if (name == "tcbStatus") {
            (uint256 ptr, uint256 length) = json.text();
            bytes32 word = Memory.hash(ptr, length);
            // A module's status counts when its level applies, a platform's always.
            level.verdict.status = isPlatform ? TcbStatuses.ofPlatform(word) : TcbStatuses.ofComponent(word);
            if (isPlatform && level.verdict.status == TcbStatus.Unknown) {
                revert ITdxAttestationErrors.TcbStatusUnknown(
                    Part.TCB_INFO, bytes32(Memory.copy(ptr, length))
                );
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
}
