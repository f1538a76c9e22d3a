// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IWorkerRegistry} from "../interfaces/IWorkerRegistry.sol";

/**
 * @title What a contract inherits to let only live, attested workers of a program in
 *
 * @notice `onlyWorkerOf` costs a few thousand gas and asks the registry at the moment of the call. A
 * worker need not hold gas: whoever pays may carry a call that the worker signed (`callAs`), and the
 * guarded function finds the worker in `_worker()`, not in `msg.sender`.
 *
 *     contract Results is WorkerGate {
 *         constructor(IWorkerRegistry registry) WorkerGate(registry, "Results", "1") {}
 *
 *         function publish(bytes32 result) external onlyWorkerOf(PROGRAM_ID) {
 *             emit Published(_worker(), result);
 *         }
 *     }
 */
abstract contract WorkerGate is EIP712, Nonces {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.AddressSlot;
    using TransientSlot for TransientSlot.BooleanSlot;

    error WorkerCallExpired(uint256 deadline, uint256 found);
    error WorkerCallSignatureInvalid(address expected, address found);
    error WorkerCallNested();
    error WorkerCallUnguarded();
    error WorkerRegistryMissing(address found);

    /// @notice A call of this contract that a worker signed.
    struct WorkerCall {
        address worker;
        /// The calldata: a function's selector and arguments.
        bytes data;
        /// `nonces(worker)`; calls are carried one after another.
        uint256 nonce;
        /// Unix seconds, included.
        uint256 deadline;
    }

    bytes32 private constant _WORKER_CALL =
        keccak256("WorkerCall(address worker,bytes data,uint256 nonce,uint256 deadline)");
    /// @dev Who signed the call that is being carried; zero outside of one.
    bytes32 private constant _SIGNER = keccak256("chainseal.WorkerGate.signer");
    /// @dev Whether the call that is being carried passed a guard.
    bytes32 private constant _GUARDED = keccak256("chainseal.WorkerGate.guarded");

    IWorkerRegistry private immutable _REGISTRY;

    /// @param name Of the EIP-712 domain that workers sign for.
    constructor(IWorkerRegistry registry, string memory name, string memory version) EIP712(name, version) {
        if (address(registry).code.length == 0) revert WorkerRegistryMissing(address(registry));
        _REGISTRY = registry;
    }

    /// @dev Reverts with the registry's `WorkerNotValid`, which says why.
    modifier onlyWorkerOf(bytes32 programId) {
        _expectWorkerOf(programId);
        _;
    }

    /**
     * @notice Carries a call that a worker signed. It runs once, and as a whole or not at all; the guarded
     * function sees this contract as its sender, and the worker in `_worker()`.
     *
     * Only what `onlyWorkerOf` guards can be called so. Anyone may sign a call, worker or not, and would
     * else have this contract call itself: move its own tokens, or pass a check for itself as the sender.
     */
    function callAs(WorkerCall calldata call, bytes calldata signature) external returns (bytes memory result) {
        if (block.timestamp > call.deadline) revert WorkerCallExpired(call.deadline, block.timestamp);
        bytes32 hash = _hashTypedDataV4(
            keccak256(abi.encode(_WORKER_CALL, call.worker, keccak256(call.data), call.nonce, call.deadline))
        );
        (address found,,) = ECDSA.tryRecoverCalldata(hash, signature);
        if (found == address(0) || found != call.worker) revert WorkerCallSignatureInvalid(call.worker, found);
        _useCheckedNonce(call.worker, call.nonce);

        TransientSlot.AddressSlot signer = _SIGNER.asAddress();
        if (signer.tload() != address(0)) revert WorkerCallNested();
        TransientSlot.BooleanSlot guarded = _GUARDED.asBoolean();
        signer.tstore(call.worker);
        guarded.tstore(false);
        bool ok;
        (ok, result) = address(this).call(call.data);
        signer.tstore(address(0));
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        if (!guarded.tload()) revert WorkerCallUnguarded();
    }

    /// @notice Where workers are looked up.
    function workerRegistry() public view returns (IWorkerRegistry) {
        return _REGISTRY;
    }

    function _expectWorkerOf(bytes32 programId) private {
        address worker = msg.sender;
        if (worker == address(this)) {
            _GUARDED.asBoolean().tstore(true);
            worker = _worker();
        }
        IWorkerRegistry registry = _REGISTRY;
        bytes4 selector = IWorkerRegistry.requireWorker.selector;
        // In assembly, since looking for the registry's code at every call costs a hundred gas: the
        // constructor has looked.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, selector)
            mstore(add(ptr, 4), programId)
            mstore(add(ptr, 36), worker)
            if iszero(staticcall(gas(), registry, ptr, 68, 0, 0)) {
                returndatacopy(ptr, 0, returndatasize())
                revert(ptr, returndatasize())
            }
        }
    }

    /**
     * @dev The worker that makes this call: the one that signed it, or the sender. A signed call comes
     * from this contract itself; whoever is called meanwhile and calls back is only its own sender.
     */
    function _worker() internal view returns (address) {
        if (msg.sender != address(this)) return msg.sender;
        return _SIGNER.asAddress().tload();
    }
}
