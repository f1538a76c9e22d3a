/**
 * Asks whether a worker is valid, through ethers.
 *
 * After `npm run build`, with Node 22.18 or newer:
 *
 *   node examples/is-worker-valid-ethers.ts RPC REGISTRY PROGRAM WORKER
 */
import { isWorkerValid } from "chainseal/sdk/ethers";
import { JsonRpcProvider } from "ethers";

const [rpc = "", address = "", programId = "", identity = ""] = process.argv.slice(2);
const provider = new JsonRpcProvider(rpc);
const { valid, status, blockNumber } = await isWorkerValid(provider, {
  address,
  programId,
  identity,
});
console.log(`block ${blockNumber}: ${valid ? "valid" : status}`);
provider.destroy();
