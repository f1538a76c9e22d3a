// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @notice Makes the calls that it is given, as a multicall or a smart account does.
contract ForwardingWrapper {
    function forward(address target, bytes calldata data) external {
        (bool ok,) = target.call(data);
        require(ok, "refused");
    }
}

/// @notice Makes a call that was put into it before: its own transaction says nothing of it.
contract StoringWrapper {
    bytes private _data;

    function put(bytes calldata part) external {
        _data = bytes.concat(_data, part);
    }

    function run(address target) external {
        (bool ok,) = target.call(_data);
        require(ok, "refused");
    }
}
