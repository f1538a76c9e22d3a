import { createWorld, type World } from "./world.ts";

let made: Promise<World> | undefined;

/**
 * One world for all files, as making one takes seconds. Each test begins where it was made, whatever
 * the tests before it did.
 */
export function sharedWorld(prepare?: (world: World) => Promise<void>): { readonly world: World } {
  let world: World | undefined;
  let start: unknown;
  let snapshot: unknown;

  before(async () => {
    made ??= createWorld();
    world = await made;
    start = await world.provider.request({ method: "evm_snapshot", params: [] });
    await prepare?.(world);
  });
  beforeEach(async () => {
    snapshot = await world?.provider.request({ method: "evm_snapshot", params: [] });
  });
  afterEach(async () => {
    await world?.provider.request({ method: "evm_revert", params: [snapshot] });
  });
  after(async () => {
    await world?.provider.request({ method: "evm_revert", params: [start] });
  });

  return {
    get world() {
      if (world === undefined) throw new Error("the world is made before the tests");
      return world;
    },
  };
}
