/** What one probe of a chain found, and what that means for Chainseal. */
export interface Finding {
  readonly name: string;
  readonly status: "ok" | "missing" | "differs";
  /** Whether Chainseal cannot run without it. */
  readonly required: boolean;
  /** What was found. */
  readonly found: string;
  /** What follows. */
  readonly meaning: string;
}
