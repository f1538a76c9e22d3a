/** Why a test, or every test of a suite, was left out. */
const reasons = new WeakMap<Mocha.Runnable | Mocha.Suite, string>();

/** Skips the current test, or the suite of the current hook, and remembers why. */
export function notRun(context: Mocha.Context, reason: string): never {
  const runnable = context.runnable();
  const isHook = "type" in runnable && runnable.type === "hook";
  const subject = isHook ? runnable.parent : runnable;
  if (subject !== undefined) reasons.set(subject, reason);
  console.log(`not run: ${reason}`);
  context.skip();
}

/** Why this pending test did not run. */
export function reasonOf(test: Mocha.Test): string {
  let subject: Mocha.Runnable | Mocha.Suite | undefined = test;
  while (subject !== undefined) {
    const reason = reasons.get(subject);
    if (reason !== undefined) return reason;
    subject = subject.parent;
  }
  return "marked as skipped";
}
