import type { CallResult, DirectScale } from './client.ts';

/** What the last call came to: for health, so no message and no customer. */
export interface LastAnswer {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly outcome: CallResult['outcome'];
  readonly reason?: string;
  readonly status?: number;
}

/** The same client, which also remembers what its last PATCH came to. */
export function rememberLastAnswer(
  client: DirectScale,
): DirectScale & { lastAnswer(): LastAnswer | undefined } {
  let last: LastAnswer | undefined;
  return {
    ...client,
    async patchCustomer(id, patch, mayBegin) {
      const result = await client.patchCustomer(id, patch, mayBegin);
      if (result.outcome === 'not-begun') return result;
      const { outcome, status } = result;
      last = {
        at: new Date().toISOString(),
        outcome,
        ...('reason' in result && { reason: result.reason }),
        ...(status !== undefined && { status }),
      };
      return result;
    },
    lastAnswer: () => last,
  };
}
