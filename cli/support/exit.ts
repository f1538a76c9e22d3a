/** What a command's exit code says. */
export const ExitCode = {
  /** Accepted, or done. */
  OK: 0,
  /** Refused, or different from what was expected. */
  REFUSED: 1,
  /** Unreadable input or usage. */
  UNREADABLE: 2,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
