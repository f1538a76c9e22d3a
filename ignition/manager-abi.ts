import { parseAbi } from "viem";

/** What of OpenZeppelin's AccessManager (5.7) a deployment is read back and governed by. */
export const managerAbi = parseAbi([
  "function hasRole(uint64 roleId, address account) view returns (bool isMember, uint32 executionDelay)",
  "function getRoleAdmin(uint64 roleId) view returns (uint64)",
  "function getRoleGrantDelay(uint64 roleId) view returns (uint32)",
  "function getTargetAdminDelay(address target) view returns (uint32)",
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
  "function isTargetClosed(address target) view returns (bool)",
  "function grantRole(uint64 roleId, address account, uint32 executionDelay)",
  "function revokeRole(uint64 roleId, address account)",
  "error AccessManagerNotScheduled(bytes32 operationId)",
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
]);

/** What every contract has whose functions an AccessManager restricts. */
export const managedAbi = parseAbi(["function authority() view returns (address)"]);
