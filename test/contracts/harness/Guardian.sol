// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title An authority whose administrator is the guardian
contract Guardian is AccessManager {
    constructor(address guardian) AccessManager(guardian) {}
}
