import { describe, expect, test } from 'vitest';
import { verify } from '../../src/delivery/take/verify.ts';
import { canonical } from '../../src/sources/canonical/canonical.ts';
import type { Verifier } from '../../src/sources/kept-request.ts';
import { crm } from './relay-in-memory.ts';

const now = new Date('2026-11-20T21:05:00Z');
const request = {
  method: 'POST',
  url: new URL('https://relay.example.com/api/webhooks/crm'),
  headers: new Headers(),
  body: Buffer.from('{}'),
};
const [before, after] = ['a'.repeat(32), 'b'.repeat(32)];

/** What becomes of a request that is authentic by `right`, and how often that was looked at. */
async function verified(right: string, fresh: Record<string, string>) {
  let times = 0;
  const check: Verifier<unknown>['verify'] = (_, { keys }) => {
    times++;
    return keys.some(({ text }) => text === right);
  };
  const read = (values: Record<string, string>) => async (name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${name} is not there`);
    return value;
  };
  const secrets = { get: read({ one: before }), refresh: read(fresh), report: () => [] };
  const source = { ...crm, kind: { ...canonical, verify: check }, secretNames: ['one', 'two'] };
  return { type: (await verify(source, request, secrets, now)).type, times };
}

describe('what the known secrets do not verify', () => {
  test('is checked with fresh ones', async () => {
    expect(await verified(after, { one: after })).toEqual({ type: 'authentic', times: 2 });
    expect(await verified(after, { one: before, two: after })).toEqual({ type: 'authentic', times: 2 });
    expect(await verified('another', { one: after })).toEqual({ type: 'refused', times: 2 });
  });

  test('is checked once if the fresh ones are the same', async () => {
    expect(await verified(before, { one: before })).toEqual({ type: 'authentic', times: 1 });
    expect(await verified(after, { one: before })).toEqual({ type: 'refused', times: 1 });
  });
});
