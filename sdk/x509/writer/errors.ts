/**
 * An option that the simulator cannot turn into bytes: a field of the wrong size, hex that is not
 * hex, a combination that no quote format has. Evidence that is well-formed but false is never an
 * error here: making it is what the simulator is for.
 */
export class SimulatorError extends Error {
  override readonly name: string = "SimulatorError";
  /** The option, by the name the caller knows it by. */
  readonly option: string;
  readonly expected: string | number;
  readonly found: string | number;

  constructor(option: string, expected: string | number, found: string | number) {
    super(`The simulator cannot use ${option}: expected ${expected}, found ${found}`);
    this.option = option;
    this.expected = expected;
    this.found = found;
  }
}
