import { ExitCode } from "../support/exit.ts";
import { heading, line, style } from "../support/output.ts";
import { quoteSteps } from "./quote-steps.ts";
import type { Step, StepResult } from "./step.ts";

async function runStep(step: Step): Promise<StepResult> {
  try {
    return await step.run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, lines: [message], data: { error: message } };
  }
}

/** Runs all steps and says whether all went as they should. */
export async function runDemo(asJson: boolean): Promise<ExitCode> {
  // Loaded by the demo alone: it takes a while.
  const { createChainSteps } = await import("./chain-steps.ts");
  const { createRegistrySteps } = await import("./registry-steps.ts");
  const onChain = createChainSteps();
  const registry = createRegistrySteps();
  try {
    return await runSteps([...quoteSteps, ...onChain.steps, ...registry.steps], asJson);
  } finally {
    await Promise.all([onChain.stop(), registry.stop()]);
  }
}

async function runSteps(steps: readonly Step[], asJson: boolean): Promise<ExitCode> {
  let failed = 0;
  for (const [index, step] of steps.entries()) {
    if (!asJson) heading(`${index + 1}. ${step.title}`);
    const { ok, lines, data } = await runStep(step);
    if (!ok) failed++;
    if (asJson) {
      line(JSON.stringify({ step: step.name, ok, ...data }));
      continue;
    }
    for (const text of lines) line(`   ${text}`);
    line(`   ${ok ? style("green", "ok") : style("red", "FAILED")}  ${style("dim", step.name)}`);
  }
  if (!asJson) {
    line();
    line(
      failed === 0
        ? `All ${steps.length} steps went as they should.`
        : `${failed} of ${steps.length} steps failed.`,
    );
  }
  return failed === 0 ? ExitCode.OK : ExitCode.REFUSED;
}
