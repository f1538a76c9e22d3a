/** One thing that an audit compares. */
export interface AuditStep {
  readonly name: string;
  readonly ok: boolean;
  readonly expected?: string;
  readonly found?: string;
  /** What else a reader wants to know. */
  readonly detail?: string;
}

export type Tell = (step: AuditStep) => void;
