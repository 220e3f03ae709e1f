import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
  [204, { 'X-DirectScale-Message': 'odd' }, { ...applied, message: 'odd' }],
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
  const result = outcomeOf(status, new Headers(headers), '', now);
  expect(result).toMatchObject({ ...expected, status });
  const waits = result.outcome === 'unavailable' && headers['Retry-After'] === '7';
  expect('retryAfterMs' in result ? result.retryAfterMs : undefined).toBe(waits ? 7000 : undefined);
});

describe('what the operator is shown', () => {
  const shown = (headers: Record<string, string>, text: string) => {
    const { requestId, message } = outcomeOf(400, new Headers(headers), text, now);
    return { requestId, message };
  };

  test('the request id and the message header, before the text', () => {
    const headers = { ...fromBackEnd, 'X-DirectScale-Message': 'Object Reference' };
    expect(shown(headers, 'the body')).toEqual({ requestId: '7d0c', message: 'Object Reference' });
  });

  test.each([{}, { 'X-DirectScale-Message': '' }])('the text, where the header is %o', (headers) => {
    expect(shown(headers, ' the body\n')).toEqual({ requestId: undefined, message: 'the body' });
  });

  test('500 characters of it', () => {
    expect(shown({}, 'x'.repeat(501)).message).toBe('x'.repeat(500));
    expect(shown({ 'X-DirectScale-Message': 'y'.repeat(501) }, '').message).toBe('y'.repeat(500));
  });

  test('nothing, where nothing was said', () => {
    expect(outcomeOf(400, new Headers(), '  ', now)).toEqual({ outcome: 'rejected', status: 400 });
  });
});

test('the text never changes the outcome', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.oneof(
        fc.string(),
        fc.constantFrom('Access denied due to invalid subscription key.', 'Rate limit is exceeded.'),
      ),
      (status, text) => {
        const { message: _, ...withText } = outcomeOf(status, new Headers(), text, now);
        expect(withText).toEqual(outcomeOf(status, new Headers(), '', now));
      },
    ),
  );
});
