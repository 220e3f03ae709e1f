import { userInfo } from 'node:os';
import * as z from 'zod';
import { RelayFailure, Unusable } from '../cli/errors.ts';
import { runningStack } from '../local/running-stack.ts';
import { isLoopback } from '../src/net/api-address.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RelayApi {
  /**
   * Calls `/api/{path}`, with `body` as JSON where there is one, and gives the JSON of the answer; of a 204 an empty
   * object. Throws {@link RelayFailure} for anything but a success.
   */
  call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer>;
  /** The same with a body that is sent as it is. */
  send<Answer>(method: Method, path: string, text: string): Promise<Answer>;
}

/** The relay answers within this, whatever it does: Azure gives up an HTTP call after 230 s. */
const timeoutMs = 240_000;

/**
 * The API of the relay at `url`; absent: that of RELAY_URL, else of the local stack that runs here.
 * The key comes from RELAY_KEY and from nowhere else: arguments are shown to every user of the machine by its list of
 * processes, and stay in the shell's history. Who acts is told with each call, for the list of acts: `as`, else
 * RELAY_OPERATOR, else the user of this machine. Throws {@link Unusable}.
 */
export async function relayApi(
  { url, as }: { readonly url?: string | undefined; readonly as?: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<RelayApi> {
  const operator = as || env.RELAY_OPERATOR || userName();
  const base = readAddress(url ?? (env.RELAY_URL || (await localRelay())));
  const key = env.RELAY_KEY;
  if (key && base.protocol !== 'https:' && !isLoopback(base)) {
    throw new Unusable(`RELAY_KEY is not sent in the clear: ${base.origin} must be https.`);
  }
  async function send<Answer>(method: Method, path: string, text?: string): Promise<Answer> {
    const unreachable = (error: unknown): never => {
      const message = `The relay at ${base.origin} cannot be reached: ${reasonOf(error)}`;
      throw new RelayFailure(message, { isTemporary: true });
    };
    const response = await fetch(`${base.href.replace(/\/+$/, '')}/api/${path}`, {
      method,
      headers: {
        ...(key && { 'x-functions-key': key }),
        ...(operator && { 'x-relay-operator': encodeURIComponent(operator) }),
        ...(text !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(text !== undefined && { body: text }),
      // A redirect would carry the key to another address.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(unreachable);
    // It may break off: the relay has ended.
    const answered = await response.text().catch(unreachable);
    const answer = response.status === 204 ? {} : parseObject(answered);
    if (!response.ok || !answer) throw failure(response, answer);
    return answer as Answer; // the relay's own types describe its answers
  }
  return {
    send,
    call: (method, path, body) => send(method, path, body === undefined ? undefined : JSON.stringify(body)),
  };
}

/** Undefined for a user without a name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function readAddress(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Unusable(`The address of the relay is not a URL: ${text}`);
  }
  return new URL(text);
}

async function localRelay(): Promise<string> {
  const running = await runningStack();
  if (running) return running.relay;
  throw new Unusable('Which relay? Give --url or set RELAY_URL; no local stack is running here (npm start).');
}

const problemSchema = z.object({
  title: z.string(),
  code: z.string(),
  detail: z.string().default(''),
  violations: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});

/** Those of the front ends that stand before the relay among them: they say so while it starts anew. */
const temporary: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

function failure(response: Response, answer: unknown): RelayFailure {
  const isTemporary = temporary.has(response.status);
  const problem = problemSchema.safeParse(answer);
  if (!problem.success) {
    const hint = response.status === 401 ? ' Set RELAY_KEY to a function key of the relay.' : '';
    const message = `The relay answered ${response.status} ${response.statusText}.${hint}`;
    return new RelayFailure(message, { isTemporary });
  }
  const { title, code, detail, violations } = problem.data;
  const lines = [`${title} (${response.status} ${code})`];
  if (detail) lines.push(detail);
  for (const { path, message } of violations) lines.push(`  ${path || '(the whole)'}: ${message}`);
  return new RelayFailure(lines.join('\n'), { violations, isTemporary });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  // fetch says only that it failed; its cause says why.
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause ? String(cause.code) : cause.message;
}
