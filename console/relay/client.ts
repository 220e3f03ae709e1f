import type { ProblemAnswer } from './answers.ts';
import { readSession } from './session.ts';

/** What went wrong, in words: the relay's own problem, or that it cannot be reached. */
export type Problem = Pick<ProblemAnswer, 'title' | 'detail'> & {
  readonly status: number;
  /** The relay's stable code; `unreachable`, `unreadable`, `unauthorized` without one. */
  readonly code: string;
  readonly violations?: readonly { readonly path: string; readonly message: string }[] | undefined;
};

export type Answer<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body }
  | { readonly ok: false; readonly problem: Problem };

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

/** Who is told when the relay refuses the key. */
export const refusals = new EventTarget();

/**
 * Calls `/api/{path}` of the relay that serves this page, with the key and the operator's name of this tab. Failures are
 * values; rejects only when `signal` aborts. A 204 has an empty object as its body.
 */
export async function call<Body>(path: string, request: Request = {}): Promise<Answer<Body>> {
  const { method = 'GET', json, text, signal } = request;
  // A browser would take such a segment, which no encoding changes, for the way to another answer.
  if (path.split(/[/?]/).some((segment) => segment === '..' || segment === '.'))
    return failed(404, 'unreadable', 'There is no such thing', 'No name or id in the relay is . or ..');
  const { key, operator } = readSession();
  const sent = json === undefined ? text : JSON.stringify(json);
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      method,
      headers: {
        ...(key && { 'x-functions-key': key }),
        // A header holds Latin-1 only.
        ...(operator && { 'X-Relay-Operator': encodeURIComponent(operator) }),
        ...(sent !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(sent !== undefined && { body: sent }),
      ...(signal && { signal }),
      cache: 'no-store',
      redirect: 'error',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    return failed(
      0,
      'unreachable',
      'The relay cannot be reached',
      'No answer came. Is it running, and are you online?',
    );
  }
  const body = response.status === 204 ? {} : await bodyOf(response);
  if (response.ok) {
    // The console and the API come from one package; `answers.ts` has the API's own types.
    if (body) return { ok: true, status: response.status, body: body as Body };
    return failed(
      response.status,
      'unreadable',
      'The answer cannot be read',
      'It is not the relay that answered.',
    );
  }
  if (response.status === 401) {
    refusals.dispatchEvent(new Event('unauthorized'));
    return failed(401, 'unauthorized', 'The key is refused', 'The relay needs a function key.');
  }
  return { ok: false, problem: problemOf(response, body) };
}

const failed = (status: number, code: string, title: string, detail: string) =>
  ({ ok: false, problem: { status, code, title, detail } }) as const;

async function bodyOf(response: Response): Promise<object | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? body : undefined;
}

function problemOf(response: Response, body: object | undefined): Problem {
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json');
  // A problem's media type says what its members are.
  if (isProblem && body) return body as ProblemAnswer;
  return {
    status: response.status,
    code: 'unreadable',
    title: `The relay answered ${response.status}`,
    detail: 'It said no more. Its log may.',
  };
}
