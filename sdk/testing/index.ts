/**
 * Everything that a test of a dApp needs, on its own development chain: the contracts under a
 * simulator's root, its collateral, a program, and workers that boot. For Node.js.
 */
export type {
  BootWorkerOptions,
  TestWorker,
} from "./boot-worker.ts";
export type { HardhatConnection, TestClients, TestWallet } from "./clients.ts";
export {
  type DeployChainsealOptions,
  type Deployment,
  deployChainseal,
} from "./deploy-chainseal.ts";
