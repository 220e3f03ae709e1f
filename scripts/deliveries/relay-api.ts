import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReplayedAll } from '../../src/delivery/replay-all.ts';
import type { deliveryReport, listedChange } from '../../src/http/reports.ts';

/** The answers of the relay, as the relay itself types them. */
export type ListedChange = ReturnType<typeof listedChange>;
export type DeliveryReport = ReturnType<typeof deliveryReport> & { readonly body?: string };
export interface ChangePage {
  readonly changes: readonly ListedChange[];
  readonly next?: string;
}
export type { ReplayedAll };

/** The relay answered that it cannot do it (RFC 9457), or could not be asked: lines for the operator. */
export class RelayFailure extends Error {
  readonly code = 'relay-failure';
}

/** The relay's address cannot be used: the operator has to call again. */
export class UnusableAddress extends Error {
  readonly code = 'unusable-address';
}

export interface RelayApi {
  /** Calls `/api/{path}` and gives the JSON of its answer. Throws {@link RelayFailure} for anything but a success. */
  call<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<Answer>;
}

/** The relay answers within this, whatever it does: Azure gives up an HTTP call after 230 s. */
const timeoutMs = 240_000;

/**
 * The API of the relay at `url`; absent: that of RELAY_URL, else of the local stack that runs here.
 * The key comes from RELAY_KEY and from nowhere else: arguments are shown to every user of the machine by its list of
 * processes, and stay in the shell's history. Throws {@link UnusableAddress}.
 */
export async function relayApi(url: string | undefined, env: NodeJS.ProcessEnv): Promise<RelayApi> {
  const base = readAddress(url ?? (env.RELAY_URL || (await localRelay())));
  const key = env.RELAY_KEY;
  if (key && base.protocol !== 'https:' && !isLoopback(base)) {
    throw new UnusableAddress(`RELAY_KEY is not sent in the clear: ${base.origin} must be https.`);
  }
  return {
    async call<Answer>(method: 'GET' | 'POST' | 'DELETE', path: string) {
      const response = await fetch(`${base.href.replace(/\/+$/, '')}/api/${path}`, {
        method,
        headers: key ? { 'x-functions-key': key } : {},
        // A redirect would carry the key to another address.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      }).catch((error: unknown) => {
        throw new RelayFailure(`The relay at ${base.origin} cannot be reached: ${reasonOf(error)}`);
      });
      const text = await response.text();
      const answer = parseObject(text);
      if (!response.ok || !answer) throw new RelayFailure(describe(response, answer));
      return answer as Answer; // the relay's own types describe its answers
    },
  };
}

function readAddress(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UnusableAddress(`The address of the relay is not a URL: ${text}`);
  }
  return new URL(text);
}

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** As `npm start` notes it down. */
async function localRelay(): Promise<string> {
  const file = join(import.meta.dirname, '..', '..', '.local', 'stack.json');
  const running = await readFile(file, 'utf8').catch(() => undefined);
  const relay = parseObject(running ?? '')?.relay;
  if (typeof relay === 'string') return relay;
  throw new UnusableAddress(
    'Which relay? Give --url or set RELAY_URL; no local stack is running here (npm start).',
  );
}

function describe(response: Response, problem: Readonly<Record<string, unknown>> | undefined): string {
  if (typeof problem?.title !== 'string') {
    const hint = response.status === 401 ? ' Set RELAY_KEY to a function key of the relay.' : '';
    return `The relay answered ${response.status} ${response.statusText}.${hint}`;
  }
  const lines = [`${problem.title} (${response.status} ${problem.code})`];
  if (typeof problem.detail === 'string') lines.push(problem.detail);
  const violations: unknown[] = Array.isArray(problem.violations) ? problem.violations : [];
  for (const violation of violations) {
    if (typeof violation !== 'object' || violation === null) continue;
    const { path, message } = violation as { readonly path?: unknown; readonly message?: unknown };
    lines.push(`  ${path || '(the whole)'}: ${message}`);
  }
  return lines.join('\n');
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
