import { bls12_381 } from "@noble/curves/bls12-381.js";
import { concatHex, type Hex, numberToHex, padHex, size } from "viem";
import type { RpcClient } from "../rpc.ts";
import { encodeElements, mapVectors } from "./bls-map-vectors.ts";
import type { Finding } from "./finding.ts";
import { probe } from "./probe.ts";

const { G1, G2 } = bls12_381;
type G1Point = InstanceType<typeof G1.Point>;
type G2Point = InstanceType<typeof G2.Point>;

function g1(point: G1Point): Hex {
  const { x, y } = point.toAffine();
  return encodeElements([x, y]);
}

function g2(point: G2Point): Hex {
  const { x, y } = point.toAffine();
  return encodeElements([x.c0, x.c1, y.c0, y.c1]);
}

interface Vector {
  readonly name: string;
  readonly address: number;
  readonly input: Hex;
  readonly output: Hex;
}

const TWO = numberToHex(2n, { size: 32 });

/** One call of each operation of EIP-2537, with the answer of another implementation. */
function vectors(): readonly Vector[] {
  const p = G1.Point.BASE;
  const q = G2.Point.BASE;
  const pairing = concatHex([g1(p), g2(q), g1(p.negate()), g2(q)]);
  const { mapFpToG1, mapFp2ToG2 } = mapVectors;
  return [
    { name: "G1ADD", address: 0x0b, input: concatHex([g1(p), g1(p)]), output: g1(p.double()) },
    { name: "G1MSM", address: 0x0c, input: concatHex([g1(p), TWO]), output: g1(p.double()) },
    { name: "G2ADD", address: 0x0d, input: concatHex([g2(q), g2(q)]), output: g2(q.double()) },
    { name: "G2MSM", address: 0x0e, input: concatHex([g2(q), TWO]), output: g2(q.double()) },
    { name: "PAIRING", address: 0x0f, input: pairing, output: padHex("0x01") },
    {
      name: "MAP_FP_TO_G1",
      address: 0x10,
      input: encodeElements(mapFpToG1.input),
      output: encodeElements(mapFpToG1.output),
    },
    {
      name: "MAP_FP2_TO_G2",
      address: 0x11,
      input: encodeElements(mapFp2ToG2.input),
      output: encodeElements(mapFp2ToG2.output),
    },
  ];
}

/** The operations on BLS12-381 (EIP-2537), by which key epochs are verified. */
export async function checkBls(client: RpcClient): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, address, input, output } of vectors()) {
    const to = padHex(numberToHex(address), { size: 20 });
    const probed = await probe(client, to, input, size(output));
    const status = probed.output === output ? "ok" : probed.output === "0x" ? "missing" : "differs";
    findings.push({
      name: `BLS12-381 ${name} (0x${address.toString(16).padStart(2, "0")})`,
      status,
      required: true,
      found:
        status === "ok"
          ? `${probed.gas.toLocaleString("en-US")} gas (EIP-2537)`
          : status === "missing"
            ? "nothing answers"
            : "another answer than EIP-2537's",
      meaning: status === "ok" ? "key epochs can be verified" : "no key epochs on this chain",
    });
  }
  return findings;
}
