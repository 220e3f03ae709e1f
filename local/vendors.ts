import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { senderOf } from './sender.ts';

/** Stands in for the vendors' own APIs: `/<kind>/…` is answered by the kind's sender. */
export interface Vendors {
  /** The address of a kind's API. */
  urlOf(kind: string): string;
  close(): Promise<void>;
}

/** Starts the vendors' APIs on loopback. What a sender does not know is answered 404. */
export async function startVendors(): Promise<Vendors> {
  const server = createServer(async (request, response) => {
    const [, kind = '', rest = ''] = /^\/([a-z-]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const sender = kind ? await senderOf(kind).catch(() => undefined) : undefined;
    const answer = sender?.answer?.(rest, new Date());
    response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  return {
    urlOf: (kind) => `http://127.0.0.1:${port}/${kind}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
