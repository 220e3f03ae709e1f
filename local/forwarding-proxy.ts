import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Surroundings } from './stack.ts';

/** Something that a relay depends on, and a request to it. The path is decoded. */
export interface Forwarded {
  readonly to: 'tables' | 'queues' | 'directscale';
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** `status`: this is answered in place of the service. */
export type Verdict = 'go on' | 'cut off' | { readonly status: number };

/** Told of each request before it is forwarded, and of its answer before that is passed on. May hold either up. */
export type Watcher = (forwarded: Forwarded, when: 'before' | 'after') => Verdict | Promise<Verdict>;

export interface WatchedSettings {
  /** The surroundings' app settings, with storage and DirectScale behind proxies. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Puts proxies before everything durable, so that each step of a relay can be counted, or cut off. */
export async function watchSurroundings(
  { env }: Pick<Surroundings, 'env'>,
  watch: Watcher,
): Promise<WatchedSettings> {
  const { AzureWebJobsStorage: connection = '', DIRECTSCALE_BASE_URL = '' } = env;
  const endpointOf = (service: string) =>
    new URL(new RegExp(`${service}Endpoint=([^;]+)`).exec(connection)?.[1] ?? '').origin;
  const directScale = new URL(DIRECTSCALE_BASE_URL).origin;
  const [tables, queues, calls] = await Promise.all([
    startProxy(endpointOf('Table'), 'tables', watch),
    startProxy(endpointOf('Queue'), 'queues', watch),
    startProxy(directScale, 'directscale', watch),
  ]);
  return {
    env: {
      ...env,
      AzureWebJobsStorage: connection
        .replace(endpointOf('Table'), tables.origin)
        .replace(endpointOf('Queue'), queues.origin),
      DIRECTSCALE_BASE_URL: DIRECTSCALE_BASE_URL.replace(directScale, calls.origin),
    },
    async close() {
      await Promise.all([tables.close(), queues.close(), calls.close()]);
    },
  };
}

/** Forwards HTTP to an origin byte for byte. */
async function startProxy(target: string, to: Forwarded['to'], watch: Watcher) {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming;
    const body = await buffer(incoming);
    const forwarded = { to, method, path: decodeURIComponent(path), body: body.toString() };
    const verdict = await watch(forwarded, 'before');
    if (verdict === 'cut off') {
      outgoing.destroy();
      return;
    }
    if (typeof verdict === 'object') {
      outgoing.writeHead(verdict.status).end();
      return;
    }
    const sending = request({ hostname, port, method, path, headers });
    sending.on('error', () => outgoing.destroy());
    const answered = once(sending, 'response');
    sending.end(body);
    const [answer] = (await answered) as [IncomingMessage]; // what the event carries
    if ((await watch(forwarded, 'after')) === 'cut off') {
      answer.resume();
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    await pipeline(answer, outgoing);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
