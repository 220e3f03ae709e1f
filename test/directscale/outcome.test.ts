import { expect, test } from 'vitest';
import { outcomeOf } from '../../src/directscale/outcome.ts';

const now = new Date('2026-03-01T12:00:00Z');
const fromBackEnd = { 'X-DirectScale-RequestId': '7d0c' };
const wait = { 'Retry-After': '7' };

const applied = { outcome: 'applied' };
const rejected = { outcome: 'rejected' };
const misconfigured = (reason: string) => ({ outcome: 'misconfigured', reason });
const unavailable = (reason: string, inDoubt: boolean) => ({ outcome: 'unavailable', reason, inDoubt });

test.each<[number, Record<string, string>, object]>([
  [200, {}, applied],
  [201, {}, applied],
  [204, {}, applied],
  [300, {}, misconfigured('not-the-api')],
  [301, {}, misconfigured('not-the-api')],
  [302, fromBackEnd, misconfigured('not-the-api')],
  [304, {}, misconfigured('not-the-api')],
  [308, {}, misconfigured('not-the-api')],
  [400, {}, rejected],
  [401, {}, misconfigured('key-rejected')],
  [401, wait, misconfigured('key-rejected')],
  [402, {}, rejected],
  [403, {}, misconfigured('forbidden')],
  [403, { 'Retry-After': 'later' }, misconfigured('forbidden')],
  [403, wait, unavailable('quota', false)],
  [404, {}, misconfigured('not-the-api')],
  [404, { 'X-DirectScale-RequestId': '' }, misconfigured('not-the-api')],
  [404, fromBackEnd, { outcome: 'customer-not-found' }],
  [405, {}, rejected],
  [408, {}, unavailable('timeout', true)],
  [409, {}, rejected],
  [413, {}, rejected],
  [415, {}, rejected],
  [418, {}, rejected],
  [422, {}, rejected],
  [425, {}, unavailable('throttled', false)],
  [429, wait, unavailable('throttled', false)],
  [429, {}, unavailable('throttled', false)],
  [499, {}, rejected],
  [500, {}, unavailable('server-error', true)],
  [502, {}, unavailable('server-error', true)],
  [503, wait, unavailable('server-error', true)],
  [504, {}, unavailable('server-error', true)],
  [599, {}, unavailable('server-error', true)],
])('%i with %o', (status, headers, expected) => {
  const result = outcomeOf(status, new Headers(headers), now);
  expect(result).toMatchObject({ ...expected, status });
  const waits = result.outcome === 'unavailable' && headers['Retry-After'] === '7';
  expect('retryAfterMs' in result ? result.retryAfterMs : undefined).toBe(waits ? 7000 : undefined);
});

test('the request id is kept, words are not', () => {
  const headers = { ...fromBackEnd, 'X-DirectScale-Message': 'Object Reference' };
  expect(outcomeOf(400, new Headers(headers), now)).toEqual({
    outcome: 'rejected',
    status: 400,
    requestId: '7d0c',
  });
});
