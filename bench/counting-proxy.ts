import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface StorageCalls {
  /** Those for a change: not the readings of what is paused. */
  tables: number;
  /** Readings of what is paused: one in five seconds while changes come, however many. */
  pauses: number;
  /** Those of the host included, but not those that found the queue empty. */
  queues: number;
}

export interface CountedStorage {
  readonly connectionString: string;
  readonly calls: StorageCalls;
  close(): Promise<void>;
}

/** Puts proxies before tables and queues that count the calls. */
export async function countStorageCalls(connectionString: string): Promise<CountedStorage> {
  const calls: StorageCalls = { tables: 0, pauses: 0, queues: 0 };
  const endpointOf = (service: string) =>
    new URL(new RegExp(`${service}Endpoint=([^;]+)`).exec(connectionString)?.[1] ?? '').origin;
  const tables = await startProxy(endpointOf('Table'), ({ method, path }) => {
    if (method === 'GET' && decodeURIComponent(path).includes("PartitionKey eq 'paused'")) calls.pauses++;
    else calls.tables++;
  });
  const queues = await startProxy(endpointOf('Queue'), ({ method, path, answer }) => {
    const isEmptyPoll = method === 'GET' && /\/messages\b/.test(path) && !answer.includes('<QueueMessage>');
    if (!isEmptyPoll) calls.queues++;
  });
  return {
    connectionString: connectionString
      .replace(endpointOf('Table'), tables.origin)
      .replace(endpointOf('Queue'), queues.origin),
    calls,
    async close() {
      await Promise.all([tables.close(), queues.close()]);
    },
  };
}

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly answer: string;
}

async function startProxy(target: string, count: (answered: Answered) => void) {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    const sending = request({ hostname, port, method, path, headers }, (answer) => {
      pass().catch(() => outgoing.destroy());
      async function pass(): Promise<void> {
        const body = await text(answer);
        count({ method, path, answer: body });
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(body);
      }
    });
    sending.once('error', () => outgoing.destroy());
    incoming.pipe(sending);
  });
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
