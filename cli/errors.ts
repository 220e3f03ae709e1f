import type { Violation } from '../src/domain/violation.ts';

/** What the operator typed makes no sense. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** Something that the operator named cannot be used: an address, a file. He has to call again. */
export class Unusable extends Error {
  readonly code = 'unusable';
}

/** The relay answered that it cannot do it (RFC 9457), or could not be asked: lines for the operator. */
export class RelayFailure extends Error {
  readonly code = 'relay-failure';
  /** What it says is wrong with the request. */
  readonly violations: readonly Violation[];
  /** The same call may succeed in a moment. */
  readonly isTemporary: boolean;

  constructor(
    message: string,
    {
      violations = [],
      isTemporary = false,
    }: { readonly violations?: readonly Violation[]; readonly isTemporary?: boolean } = {},
  ) {
    super(message);
    this.violations = violations;
    this.isTemporary = isTemporary;
  }
}
