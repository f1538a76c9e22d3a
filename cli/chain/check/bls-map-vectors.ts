import { concatHex, type Hex, numberToHex } from "viem";

/** A field element of BLS12-381 as EIP-2537 has it: 64 bytes, big-endian. */
export function encodeElements(elements: readonly bigint[]): Hex {
  return concatHex(elements.map((element) => numberToHex(element, { size: 64 })));
}

/** One input of each map and its point, from the test vectors of EIP-2537 (`616263` in both). */
export const mapVectors = {
  mapFpToG1: {
    input: [
      0x147e1ed29f06e4c5079b9d14fc89d2820d32419b990c1c7bb7dbea2a36a045124b31ffbde7c99329c05c559af1c6cc82n,
    ],
    output: [
      0x009769f3ab59bfd551d53a5f846b9984c59b97d6842b20a2c565baa167945e3d026a3755b6345df8ec7e6acb6868ae6dn,
      0x1532c00cf61aa3d0ce3e5aa20c3b531a2abd2c770a790a2613818303c6b830ffc0ecf6c357af3317b9575c567f11cd2cn,
    ],
  },
  mapFp2ToG2: {
    input: [
      0x138879a9559e24cecee8697b8b4ad32cced053138ab913b99872772dc753a2967ed50aabc907937aefb2439ba06cc50cn,
      0x0a1ae7999ea9bab1dcc9ef8887a6cb6e8f1e22566015428d220b7eec90ffa70ad1f624018a9ad11e78d588bd3617f9f2n,
    ],
    output: [
      0x108ed59fd9fae381abfd1d6bce2fd2fa220990f0f837fa30e0f27914ed6e1454db0d1ee957b219f61da6ff8be0d6441fn,
      0x0296238ea82c6d4adb3c838ee3cb2346049c90b96d602d7bb1b469b905c9228be25c627bffee872def773d5b2a2eb57dn,
      0x033f90f6057aadacae7963b0a0b379dd46750c1c94a6357c99b65f63b79e321ff50fe3053330911c56b6ceea08fee656n,
      0x153606c417e59fb331b7ae6bce4fbf7c5190c33ce9402b5ebe2b70e44fca614f3f1382a3625ed5493843d0b0a652fc3fn,
    ],
  },
} as const;
