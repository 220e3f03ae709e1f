import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, headerOf, send } from './answer.ts';
import { type BackEndAnswer, perform } from './back-end.ts';
import { type Controls, control } from './control.ts';
import type { CustomFields, NewCustomer } from './customer.ts';
import { CustomerStore } from './customer-store.ts';
import { Faults, faultAnswer } from './faults.ts';
import { keyRefusal, operationOf, resourceNotFound } from './gateway.ts';

/** The key that a sandbox accepts unless it is told others. */
export const defaultSubscriptionKey = 'local-subscription-key';

/** One call of `/v1`, as it took effect. */
export interface Call {
  /** When it took effect: ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly customerId: string | undefined;
  /** What was answered; 0: the connection was broken instead. */
  readonly status: number;
  /** `X-DirectScale-RequestId` of the answer. */
  readonly requestId: string | undefined;
  /** The body of a PATCH: parsed if it is JSON, else its text. */
  readonly patch: unknown;
  /** True when the call wrote a customer. */
  readonly applied: boolean;
}

/** A running stand-in for DirectScale's public API. */
export interface Sandbox extends Controls {
  /** The base URL without `/v1` and without a trailing slash. */
  readonly url: string;
  readonly history: readonly Call[];
  /** `AssociateCustom` by customer id. */
  readonly customFields: Map<string, CustomFields>;
  /** Drops delayed and held calls and ends every connection. */
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  readonly subscriptionKeys?: readonly string[];
  /** Keeps the customers in this file from one start to the next. Absent: in memory. */
  readonly file?: string;
  /** Added at the start, in place of those with the same id. */
  readonly customers?: readonly NewCustomer[];
}

/** Starts a DirectScale over plain HTTP on 127.0.0.1: API Management's gateway before the customer operations. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const initialKeys = options.subscriptionKeys ?? [defaultSubscriptionKey];
  let keys = initialKeys;
  let delayed = new AbortController();
  let held = Promise.withResolvers<void>();
  const store = new CustomerStore(options.file);
  if (options.customers) store.add(options.customers);
  const faults = new Faults();
  const history: Call[] = [];

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  // A gateway keeps connections for minutes. With Node's five seconds, a relay that stood still for one sends into a closing one.
  server.keepAliveTimeout = 240_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  const sandbox: Sandbox = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    history,
    customers: store.customers,
    customFields: store.customFields,
    addCustomers: (added) => store.add(added),
    fault: (spec) => faults.add(spec),
    clearFaults: () => faults.clear(),
    release: () => {
      held.resolve();
      held = Promise.withResolvers();
    },
    setSubscriptionKeys: (valid) => {
      keys = [...valid];
    },
    reset: () => {
      delayed.abort();
      delayed = new AbortController();
      keys = initialKeys;
      store.reset();
      if (options.customers) store.add(options.customers);
      faults.clear();
      history.length = 0;
    },
    close: async () => {
      delayed.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return sandbox;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await text(request);
    if (url.pathname.startsWith('/_control/')) {
      return send(response, control(method, url.pathname, body, sandbox));
    }

    const operation = operationOf(method, url);
    const customerId = operation && 'customerId' in operation ? operation.customerId : undefined;
    const key = request.headers['ocp-apim-subscription-key']?.toString();
    const refusal = operation ? keyRefusal(key, keys) : resourceNotFound;

    const patch = method === 'PATCH' ? parsed(body) : undefined;
    const fault = faults.take({ method, customerId, patch });
    // Goes on when the client has gone: DirectScale doesn't notice either.
    if (fault?.delayMs) await delay(fault.delayMs, undefined, { signal: delayed.signal });
    if (fault?.hold) await Promise.race([held.promise, dropped(delayed.signal)]);

    const replaced = fault !== undefined && (fault.reset === true || fault.status !== undefined);
    let outcome: BackEndAnswer = { answer: refusal ?? resourceNotFound, applied: false };
    if (operation && !refusal && (!replaced || fault.applyAnyway)) outcome = perform(operation, body, store);

    const answer: Answer | undefined = fault?.reset
      ? undefined
      : ((fault && faultAnswer(fault)) ?? outcome.answer);
    history.push({
      at: new Date().toISOString(),
      method,
      path: url.pathname + url.search,
      customerId,
      status: answer?.status ?? 0,
      requestId: answer && headerOf(answer, 'X-DirectScale-RequestId'),
      patch,
      applied: outcome.applied,
    });
    if (answer) send(response, answer);
    else request.socket.resetAndDestroy();
  }
}

/** Rejects when held calls are dropped. */
function dropped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
