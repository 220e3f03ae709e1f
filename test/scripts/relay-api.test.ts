import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { relayApi } from '../../scripts/relay-api.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What a command hears if a relay answers so. */
async function heardOf(answer: RequestListener): Promise<unknown> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  const api = await relayApi({ url: `http://127.0.0.1:${port}` }, {});
  return api.call('POST', 'import/shop', []).catch((error: unknown) => error);
}

const page = '<html><body>The service is unavailable.</body></html>';
const problem = JSON.stringify({ title: 'Too many', code: 'too-many' });

// Before the relay stand the front ends of Azure: what they answer while it starts anew is no problem of the relay's.
test.each([
  [503, page, true],
  [502, page, true],
  [504, page, true],
  [503, problem, true],
  [429, problem, true],
  [500, page, false],
  [401, '', false],
  [404, page, false],
  [400, problem, false],
])('%i and %s: temporary is %s', async (status, body, isTemporary) => {
  const heard = await heardOf((_, response) => response.writeHead(status).end(body));
  expect(heard).toMatchObject({ code: 'relay-failure', isTemporary });
});

test('an answer that breaks off is temporary: its relay has ended', async () => {
  const heard = await heardOf((_, response) => {
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('{"done":', () => response.destroy());
  });
  expect(heard).toMatchObject({ code: 'relay-failure', isTemporary: true });
});
