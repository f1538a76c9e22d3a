/** What a step of the demo found out: shown to people line by line, and as JSON. */
export interface StepResult {
  readonly ok: boolean;
  /** For people. */
  readonly lines: readonly string[];
  /** For `--json`, beside `step` and `ok`. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Step {
  /** The stable name, such as `quote-verified`. */
  readonly name: string;
  /** What is done, as a heading for people. */
  readonly title: string;
  run(): Promise<StepResult>;
}
