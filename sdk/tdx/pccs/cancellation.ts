/** Calls `listener` when the signal aborts, at once if it has. Returns what takes it off again. */
function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => {};
  }
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

/** Waits; rejects with the signal's reason when that aborts. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unlink: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, milliseconds);
      unlink = onAbort(signal, () => reject(signal.reason));
    });
  } finally {
    clearTimeout(timer);
    unlink?.();
  }
}

/**
 * Runs one task with a time limit in milliseconds. Its signal aborts at the limit, when `parent`
 * aborts, and in any case when the task has ended, so that nothing it began goes on. The answer
 * does not wait for a task that ignores its signal.
 */
export async function withDeadline<T>(
  parent: AbortSignal,
  milliseconds: number,
  createTimeoutError: () => Error,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unlink: (() => void) | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(createTimeoutError()), milliseconds);
    unlink = onAbort(parent, () => reject(parent.reason));
  });
  try {
    return await Promise.race([run(controller.signal), cancelled]);
  } finally {
    clearTimeout(timer);
    unlink?.();
    controller.abort();
  }
}

/**
 * Runs tasks side by side. When one fails, or `parent` aborts, the others are cancelled and the
 * first failure is thrown.
 */
export async function allOrNone<const Tasks extends readonly Promise<unknown>[]>(
  parent: AbortSignal | undefined,
  start: (signal: AbortSignal) => Tasks,
): Promise<{ -readonly [Index in keyof Tasks]: Awaited<Tasks[Index]> }> {
  const group = new AbortController();
  const unlink = parent && onAbort(parent, () => group.abort(parent.reason));
  const tasks = start(group.signal);
  try {
    return await Promise.all(tasks);
  } catch (error) {
    group.abort(error);
    throw error;
  } finally {
    unlink?.();
  }
}
