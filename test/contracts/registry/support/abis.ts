import { parseAbi } from "viem";

/** What the tests call of OpenZeppelin's AccessManager (5.7), and what it and its targets refuse with. */
export const authorityAbi = parseAbi([
  "function setTargetFunctionRole(address target, bytes4[] selectors, uint64 roleId)",
  "function setTargetClosed(address target, bool closed)",
  "function setGrantDelay(uint64 roleId, uint32 newDelay)",
  "function grantRole(uint64 roleId, address account, uint32 executionDelay)",
  "function revokeRole(uint64 roleId, address account)",
  "function updateAuthority(address target, address newAuthority)",
  "function schedule(address target, bytes data, uint48 when) returns (bytes32, uint32)",
  "error AccessManagerNotScheduled(bytes32 operationId)",
  "error AccessManagerNotReady(bytes32 operationId)",
  "error AuthorityIsFixed()",
]);

export const endorserAbi = parseAbi(["function set(bytes32 platformId, bool value)"]);

const callTuple = "(address worker, bytes data, uint256 nonce, uint256 deadline)";

/** Of `WorkerGate`, and of the harnesses and examples that inherit it. */
export const gateAbi = parseAbi([
  `function callAs(${callTuple} call, bytes signature) returns (bytes)`,
  "function nonces(address) view returns (uint256)",
  "function workerRegistry() view returns (address)",
  "error WorkerCallExpired(uint256 deadline, uint256 found)",
  "error WorkerCallSignatureInvalid(address expected, address found)",
  "error WorkerCallNested()",
  "error WorkerCallUnguarded()",
  "error InvalidAccountNonce(address account, uint256 currentNonce)",
  "error WorkerNotValid(bytes32 programId, address worker, uint8 status)",
  // OpenHeartedGate
  "event Acted(address worker, address sender, uint256 value)",
  "function act() payable",
  "function actThenCall(address callee)",
  "function actBySelfCall()",
  "function refuse(uint256 reason)",
  "function sweep(address to)",
  "function whoActs() view returns (address)",
  "function recorded() view returns (address)",
  "error NotSelf()",
  "error Refused(uint256 reason)",
  // The counters
  "function increase()",
  "function count() view returns (uint256)",
]);

export const callingBackAbi = parseAbi([
  `function prepare(${callTuple} call, bytes signature)`,
  "function succeeded() view returns (bool)",
  "function reason() view returns (bytes)",
]);

export const marketAbi = parseAbi([
  "event JobTaken(uint256 indexed jobId, address indexed worker)",
  "event JobAnswered(uint256 indexed jobId, address indexed worker, bytes output)",
  "function post(bytes32 programId, bytes input) returns (uint256)",
  "function take(uint256 jobId)",
  "function answer(uint256 jobId, bytes output)",
  "function programOf(uint256 jobId) view returns (bytes32)",
  "function jobOf(uint256 jobId) view returns ((bytes32 programId, address taker, bool isAnswered))",
  "error JobUnknown(uint256 jobId)",
  "error JobNotOpen(uint256 jobId)",
  "error NotTaker(uint256 jobId, address expected, address found)",
]);

export const escrowAbi = parseAbi([
  "function PROGRAM_ID() view returns (bytes32)",
  "function deposit(uint256 until) payable returns (uint256)",
  "function claim(uint256 depositId, address to)",
  "function takeBack(uint256 depositId)",
  "function depositOf(uint256 depositId) view returns ((address payer, uint256 amount, uint256 until))",
  "error NothingToPay(uint256 depositId)",
  "error NotYetReturnable(uint256 expected, uint256 found)",
]);
