/**
 * The reads of `chainseal/sdk/client` through a provider of ethers v6: the same names, options,
 * answers and errors. ethers is the caller's own: install it beside Chainseal.
 */
export { decodeEthersError } from "./reader.ts";
export {
  type EthersWorkerOptions,
  getApproval,
  getApprovals,
  getCollateralStatus,
  getPlatform,
  getProgram,
  getWorker,
  getWorkerStatuses,
  isWorkerValid,
} from "./reads.ts";
export type { EthersReadOptions } from "./snapshot.ts";
