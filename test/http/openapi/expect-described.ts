import { expect } from 'vitest';
import { operations } from '../../../src/http/openapi/operations.ts';
import { faults, operationAt } from './described.ts';

/**
 * Fails unless an answer is what the description says of it: its status, media type, headers and body, with no member
 * that is not described. `path` is that of the call, below `/api/`. Returns the operation and the status.
 */
export async function expectDescribed(method: string, path: string, response: Response): Promise<string> {
  const [pathname = ''] = path.split('?');
  const operation = operationAt(method, `/api/${pathname}`)?.operation;
  if (!operation) throw new Error(`${method} ${path} is not described`);
  const status = response.status;
  const what = `${operation.operationId} ${status}`;
  const described = operation.responses[status];
  if (!described) throw new Error(`${what} is not described: ${await response.text()}`);

  const text = await response.text();
  const mediaType = response.headers.get('content-type')?.split(';')[0] ?? '';
  const isProblem = mediaType === 'application/problem+json';
  // Health has a 503 that is not a problem, and says no time.
  const headers = status === 503 && !isProblem ? [] : Object.keys(described.headers ?? {});
  for (const header of headers)
    expect({ what, header, sent: response.headers.has(header) }).toMatchObject({ sent: true });

  const media = described.content?.[mediaType];
  if (!described.content) {
    expect({ what, text }).toEqual({ what, text: '' });
    return what;
  }
  if (!media) throw new Error(`${what} is described with another media type than ${mediaType}: ${text}`);
  const body: unknown = JSON.parse(text);
  expect({ what, faults: faults(media.schema, body), body }).toEqual({ what, faults: [], body });
  const answer = operations
    .find(({ id }) => id === operation.operationId)
    ?.answers.find((one) => one.status === status);
  // An object's schema leaves out what it does not know.
  if (!isProblem) expect({ what, body: answer?.schema?.parse(body) }).toEqual({ what, body });
  return what;
}
