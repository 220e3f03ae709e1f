import { RestError } from '@azure/data-tables';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { expect, test } from 'vitest';
import { answering } from '../../src/http/answering.ts';

const lines: string[] = [];

/** The answer to a handler that throws, and what is logged. */
async function answerTo(error: unknown, query = ''): Promise<{ status: number | undefined; body: object }> {
  lines.length = 0;
  const request = new HttpRequest({ method: 'GET', url: `https://relay/api/links${query}` });
  const context = new InvocationContext({ functionName: 'links' });
  context.error = (...args: unknown[]) => void lines.push(args.join(' '));
  const handler = answering(async () => {
    throw error;
  });
  const response = await handler(request, context);
  return { status: response?.status, body: JSON.parse(String(response?.body)) };
}

const storage = (statusCode: number) => new RestError('Maria is in the message', { statusCode });

test('a page that storage does not take is the fault of who asks for it', async () => {
  expect(await answerTo(storage(400), '?from=odd')).toMatchObject({
    status: 422,
    body: { code: 'invalid', violations: [{ path: 'from' }] },
  });
  expect((await answerTo(storage(400))).status).toBe(503);
  expect((await answerTo(storage(503), '?from=odd')).status).toBe(503);
});

test.each([
  ['storage that is down', storage(500), 'storage-unavailable'],
  ['anything else', new Error('Maria is in the message'), 'unexpected'],
  ['what is no error', 'Maria', 'unexpected'],
])('%s: 503, and nothing of its words', async (_, error, code) => {
  const { status, body } = await answerTo(error);
  expect({ status, body }).toMatchObject({ status: 503, body: { code } });
  expect(lines).toHaveLength(1);
  expect(JSON.stringify([body, lines])).not.toContain('Maria');
});
