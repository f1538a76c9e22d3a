// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {TdxAttestation} from "../../../contracts/attestation/TdxAttestation.sol";
import {BrokenStore, Defect} from "../harness/BrokenStore.sol";
import {Guardian} from "../harness/Guardian.sol";
import {StoreHandler} from "../harness/StoreHandler.sol";
import {vm} from "../harness/Vm.sol";

/**
 * @title What holds of the store whatever is uploaded in whatever order
 *
 * @notice That each invariant can fail is shown by `test_catches...`: the same handler, on a store with
 * one defect, in a fixed order of 400 steps, sets that invariant's flag; on the sound store it sets none.
 */
contract StoreInvariants {
    StoreHandler private _handler;
    string private _json;

    function setUp() external {
        _json = vm.readFile("test/contracts/fixtures/store.json");
        _handler = new StoreHandler(_deploy(), _json);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev All in one, as each invariant costs a campaign of its own.
    function invariant_nothingUnsignedStored_neverBackwards_orphanNeverUsed_minimumNeverFalls() external view {
        assert(!_handler.isUnsignedStored());
        assert(!_handler.isDateBackwards());
        assert(!_handler.isOrphanUsed());
        assert(!_handler.isMinimumFallen());
    }

    function test_reachesAllThatTheInvariantsAreAbout() external {
        StoreHandler handler = _play(Defect.NONE);
        assert(!handler.isUnsignedStored() && !handler.isDateBackwards());
        assert(!handler.isOrphanUsed() && !handler.isMinimumFallen());
        assert(handler.accepted() > 15 && handler.refused() > 100 && handler.verified() > 5);
    }

    function test_catchesAStoreThatTakesUnsignedIssuers() external {
        assert(_play(Defect.TAKES_UNSIGNED_ISSUERS).isUnsignedStored());
    }

    function test_catchesAStoreThatTakesOlderDocuments() external {
        assert(_play(Defect.TAKES_OLDER_DOCUMENTS).isDateBackwards());
    }

    function test_catchesAStoreThatForgetsRevocation() external {
        assert(_play(Defect.FORGETS_REVOCATION).isOrphanUsed());
    }

    function test_catchesAStoreThatRestartsClocks() external {
        assert(_play(Defect.RESTARTS_CLOCKS).isMinimumFallen());
    }

    function _deploy() private returns (TdxAttestation) {
        vm.warp(vm.parseJsonUint(_json, ".start"));
        return new TdxAttestation(vm.parseJsonBytes(_json, ".root"), address(new Guardian(address(this))));
    }

    function _play(Defect defect) private returns (StoreHandler handler) {
        TdxAttestation store = TdxAttestation(address(new BrokenStore(address(_deploy()), defect)));
        handler = new StoreHandler(store, _json);
        for (uint256 i = 0; i < 400; ++i) {
            uint256 choice = uint256(keccak256(abi.encode(i)));
            uint256 action = choice % 16;
            choice >>= 8;
            if (action == 0) handler.uploadAll();
            else if (action < 4) handler.verify(choice);
            else if (action < 6) handler.passTime(choice % 48);
            else handler.upload(choice);
        }
    }
}
