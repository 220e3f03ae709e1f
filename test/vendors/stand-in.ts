import { type ReceivedRequest, startServer } from '../test-server.ts';

/** An answer in place of the vendor's own. */
export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a vendor's API answers. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A vendor's API on this machine. Everything in it may be changed while it is called. */
export interface StandIn<Customer, Subscription = never> extends AsyncDisposable {
  /** Its address: `baseUrl` of the kind's options. */
  readonly url: string;
  /** Its customers by id, as the API gives them. */
  readonly customers: Map<string, Customer>;
  /** Its webhook subscriptions by id, as the API gives them. */
  readonly subscriptions: Map<string, Subscription>;
  /** The tokens that it takes: without one of them it answers 401. */
  readonly tokens: Set<string>;
  /** What the next calls are answered instead, the first first. */
  readonly faults: Fault[];
  /** What happens just before a page of customers is read: somebody changes one, for instance. */
  beforePage: (() => void) | undefined;
  /** What was asked, tokens and all. */
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** What a stand-in starts with. */
export interface StartsWith<Customer, Subscription = never> {
  readonly customers?: Iterable<readonly [string, Customer]>;
  readonly subscriptions?: Iterable<readonly [string, Subscription]>;
}

/** Starts a stand-in whose calls `answer` answers: undefined is a 404. */
export async function startStandIn<Customer, Subscription = never>(
  { customers = [], subscriptions = [] }: StartsWith<Customer, Subscription>,
  answer: (request: ReceivedRequest, api: StandIn<Customer, Subscription>) => Answer | undefined,
): Promise<StandIn<Customer, Subscription>> {
  const server = await startServer((response, request) => {
    const { status, headers, body } = api.faults.shift() ?? answer(request, api) ?? { status: 404, body: {} };
    response.writeHead(status ?? 200, {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    });
    response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  });
  const close = async () => server[Symbol.asyncDispose]();
  const api: StandIn<Customer, Subscription> = {
    url: server.url.origin,
    customers: new Map(customers),
    subscriptions: new Map(subscriptions),
    tokens: new Set(['a-token']),
    faults: [],
    beforePage: undefined,
    requests: server.requests,
    close,
    [Symbol.asyncDispose]: close,
  };
  return api;
}
