// Plain JavaScript, so that a Node.js too old for the project's TypeScript can still run it.
if (!process.features.typescript) {
  console.error(
    `This needs a Node.js that runs TypeScript (22.18 or newer); this one is ${process.versions.node}.\n` +
      "Use ./chainseal, for example `./chainseal test`: it fetches a suitable Node.js from npm into .node/.",
  );
  process.exit(1);
}
