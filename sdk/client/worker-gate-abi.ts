/** Of `contracts/gating/WorkerGate.sol`: what carries a worker's signed call. */
export const workerGateAbi = [
  {
    type: "function",
    name: "callAs",
    stateMutability: "nonpayable",
    inputs: [
      {
        name: "call",
        type: "tuple",
        components: [
          { name: "worker", type: "address" },
          { name: "data", type: "bytes" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" },
        ],
      },
      { name: "signature", type: "bytes" },
    ],
    outputs: [{ name: "result", type: "bytes" }],
  },
  {
    type: "function",
    name: "nonces",
    stateMutability: "view",
    inputs: [{ name: "owner", type: "address" }],
    outputs: [{ name: "", type: "uint256" }],
  },
  {
    type: "function",
    name: "eip712Domain",
    stateMutability: "view",
    inputs: [],
    outputs: [
      { name: "fields", type: "bytes1" },
      { name: "name", type: "string" },
      { name: "version", type: "string" },
      { name: "chainId", type: "uint256" },
      { name: "verifyingContract", type: "address" },
      { name: "salt", type: "bytes32" },
      { name: "extensions", type: "uint256[]" },
    ],
  },
  {
    type: "error",
    name: "WorkerCallExpired",
    inputs: [
      { name: "deadline", type: "uint256" },
      { name: "found", type: "uint256" },
    ],
  },
  {
    type: "error",
    name: "WorkerCallSignatureInvalid",
    inputs: [
      { name: "expected", type: "address" },
      { name: "found", type: "address" },
    ],
  },
  { type: "error", name: "WorkerCallNested", inputs: [] },
  {
    type: "error",
    name: "InvalidAccountNonce",
    inputs: [
      { name: "account", type: "address" },
      { name: "currentNonce", type: "uint256" },
    ],
  },
] as const;
