/**
 * Asks whether a worker is valid, at a finalised block that is not too old; and the same of a second
 * endpoint, where one is given.
 *
 * After `npm run build`, with Node 22.18 or newer:
 *
 *   node examples/is-worker-valid.ts RPC REGISTRY PROGRAM WORKER [RPC]
 */
import { isWorkerValid, RegistryError } from "chainseal/sdk/client";
import { createPublicClient, type Hex, http } from "viem";

const [rpc = "", address, programId, identity, second] = process.argv.slice(2);
const clientOf = (url: string) => createPublicClient({ transport: http(url, { timeout: 10_000 }) });

try {
  const { valid, status, blockNumber } = await isWorkerValid(clientOf(rpc), {
    address: address as Hex,
    programId: programId as Hex,
    identity: identity as Hex,
    ...(second === undefined ? {} : { agree: { clients: [clientOf(second)] } }),
  });
  console.log(`block ${blockNumber}: ${valid ? "valid" : status}`);
} catch (error) {
  if (!(error instanceof RegistryError)) throw error;
  console.log(`no answer: ${error.code}`);
}
