// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TdxAttestation} from "../../../contracts/attestation/TdxAttestation.sol";
import {ITdxAttestation} from "../../../contracts/interfaces/ITdxAttestation.sol";
import {vm} from "./Vm.sol";

/**
 * @title Uploads what is genuine, stale, unsigned, wrongly signed or orphaned, in any order, while time
 * passes, and keeps its own account of what must hold
 *
 * @notice The four flags are what the invariants are about. They are set by what was seen at the store's
 * surface alone: answers of calls and of views.
 */
contract StoreHandler {
    enum Kind {
        ROOT_CRL,
        PCK_CA,
        TCB_SIGNER,
        PCK_CRL,
        TCB_INFO,
        QE_IDENTITY,
        PCK
    }

    struct Item {
        Kind kind;
        bytes payload;
        bytes32 r;
        bytes32 s;
        bytes32 issuerId;
        bool isGenuine;
        uint256 number;
    }

    bool public isUnsignedStored;
    bool public isDateBackwards;
    bool public isOrphanUsed;
    bool public isMinimumFallen;
    /// So that a test can tell that things happen at all.
    uint256 public accepted;
    uint256 public refused;
    uint256 public verified;

    ITdxAttestation private immutable _STORE;
    Item[] private _items;
    bytes[] private _calls;
    uint16[3] private _numbers = [19, 20, 21];
    bytes32 private immutable _ROOT_ID;
    bytes32 private immutable _CA_ID;
    bytes32 private immutable _SIGNER_ID;
    bytes6 private immutable _FMSPC;
    bytes32[2] private _otherIds;

    bool private _isSignerRevoked;
    bool private _isLeafRevoked;
    uint256 private _time;
    uint256 private _minimum;
    mapping(bytes32 place => uint256 date) private _dates;

    constructor(ITdxAttestation store, string memory json) {
        _STORE = store;
        _ROOT_ID = vm.parseJsonBytes32(json, ".rootId");
        _CA_ID = vm.parseJsonBytes32(json, ".caId");
        _SIGNER_ID = vm.parseJsonBytes32(json, ".signerId");
        _otherIds = [vm.parseJsonBytes32(json, ".otherCaId"), vm.parseJsonBytes32(json, ".otherSignerId")];
        _FMSPC = bytes6(vm.parseJsonBytes(json, ".fmspc"));
        _calls = vm.parseJsonBytesArray(json, ".calls");
        uint256[] memory kinds = vm.parseJsonUintArray(json, ".kinds");
        bytes[] memory payloads = vm.parseJsonBytesArray(json, ".payloads");
        bytes32[] memory r = vm.parseJsonBytes32Array(json, ".r");
        bytes32[] memory s = vm.parseJsonBytes32Array(json, ".s");
        bytes32[] memory issuerIds = vm.parseJsonBytes32Array(json, ".issuerIds");
        bool[] memory genuine = vm.parseJsonBoolArray(json, ".genuine");
        uint256[] memory numbers = vm.parseJsonUintArray(json, ".numbers");
        for (uint256 i = 0; i < kinds.length; ++i) {
            _items.push(Item(Kind(kinds[i]), payloads[i], r[i], s[i], issuerIds[i], genuine[i], numbers[i]));
        }
        _time = vm.parseJsonUint(json, ".start");
    }

    /// @notice One of all items, most often one that has a chance.
    function upload(uint256 choice) external {
        vm.warp(_time);
        _upload(_items[choice % _items.length]);
    }

    /// @notice Once: all in order, which makes the store able to judge; later ones are refused until
    /// their time.
    function uploadAll() external {
        if (accepted > 0) return;
        vm.warp(_time);
        for (uint256 kind = 0; kind <= uint256(type(Kind).max); ++kind) {
            for (uint256 i = 0; i < _items.length; ++i) {
                if (uint256(_items[i].kind) == kind && _items[i].isGenuine) _upload(_items[i]);
            }
        }
    }

    function passTime(uint256 hours_) external {
        _time += (hours_ % 96) * 1 hours;
        vm.warp(_time);
        _watch();
    }

    function verify(uint256 choice) external {
        vm.warp(_time);
        (bool ok,) = address(_STORE).staticcall(_calls[choice % _calls.length]);
        if (!ok) return;
        ++verified;
        if (_isSignerRevoked || _isLeafRevoked) isOrphanUsed = true;
        if (_numbers[choice % _calls.length] < _STORE.minimumEvaluationNumber()) isOrphanUsed = true;
    }

    function _upload(Item storage item) private {
        (bool ok,) = address(_STORE).call(_callOf(item));
        if (ok) {
            ++accepted;
            if (!item.isGenuine) isUnsignedStored = true;
            if (item.kind == Kind.ROOT_CRL && item.number > 0) _isSignerRevoked = true;
            if (item.kind == Kind.PCK_CRL && item.number > 0) _isLeafRevoked = true;
        } else {
            ++refused;
        }
        _watch();
    }

    function _callOf(Item storage item) private view returns (bytes memory) {
        Kind kind = item.kind;
        if (kind == Kind.PCK_CA) return abi.encodeCall(ITdxAttestation.uploadPckCa, (item.payload));
        if (kind == Kind.TCB_SIGNER) return abi.encodeCall(ITdxAttestation.uploadTcbSigner, (item.payload));
        if (kind == Kind.PCK) {
            return abi.encodeCall(ITdxAttestation.cachePckCertificate, (item.payload, item.issuerId));
        }
        if (kind == Kind.TCB_INFO) {
            return abi.encodeCall(ITdxAttestation.uploadTcbInfo, (item.payload, item.r, item.s, item.issuerId));
        }
        if (kind == Kind.QE_IDENTITY) {
            return abi.encodeCall(ITdxAttestation.uploadQeIdentity, (item.payload, item.r, item.s, item.issuerId));
        }
        return abi.encodeCall(ITdxAttestation.uploadCrl, (item.payload, item.issuerId));
    }

    /// @dev Looks at all that is kept.
    function _watch() private {
        _expectNotBefore("root CRL", _STORE.crlOf(_ROOT_ID).thisUpdate);
        _expectNotBefore("PCK CRL", _STORE.crlOf(_CA_ID).thisUpdate);
        _expectNotBefore("PCK CA", _STORE.issuerOf(_CA_ID).notBefore);
        _expectNotBefore("TCB signer", _STORE.issuerOf(_SIGNER_ID).notBefore);
        for (uint256 i = 0; i < _numbers.length; ++i) {
            uint16 number = _numbers[i];
            bytes32 place = bytes32(uint256(number));
            _expectNotBefore(place, _STORE.tcbInfoOf(_FMSPC, number).issueDate);
            _expectNotBefore(~place, _STORE.qeIdentityOf(number).issueDate);
        }
        for (uint256 i = 0; i < _otherIds.length; ++i) {
            if (_STORE.issuerOf(_otherIds[i]).notAfter != 0) isUnsignedStored = true;
        }
        uint256 minimum = _STORE.minimumEvaluationNumber();
        if (minimum < _minimum) isMinimumFallen = true;
        _minimum = minimum;
    }

    function _expectNotBefore(bytes32 place, uint256 date) private {
        if (date < _dates[place]) isDateBackwards = true;
        _dates[place] = date;
    }
}
