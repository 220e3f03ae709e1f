import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { localCertificate } from '../../local/certificate.ts';
import { childOf } from '../../src/telemetry/trace-context.ts';

test('in Application Insights an attempt is a request with a name', async () => {
  const bodies: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'ingestion-'));
  const { key, cert } = await localCertificate(folder);
  const server = createServer({ key, cert }, async (request, response) => {
    const bytes = await buffer(request);
    const isZipped = request.headers['content-encoding'] === 'gzip';
    bodies.push((isZipped ? gunzipSync(bytes) : bytes).toString('utf8'));
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end('{"itemsReceived":1,"itemsAccepted":1,"errors":[]}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  process.env.APPLICATIONINSIGHTS_CONNECTION_STRING = `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://localhost:${port}/`;
  // The exporter speaks HTTPS only; this process reaches nothing but the server above.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const { exportRecorded } = await import('../../src/telemetry/export.ts');
    const start = Date.now();
    const base = { parent: undefined, start, end: start + 5, attributes: {}, failed: false };
    await exportRecorded({
      spans: [{ ...base, context: childOf(undefined), name: 'apply change', kind: 'consumer' }],
      measurements: [],
    });
    const request = bodies.join('\n').match(/\{[^\n]*"RequestData"[^\n]*\}/)?.[0] ?? '';
    expect(request).toContain('"name":"apply change"');
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});
