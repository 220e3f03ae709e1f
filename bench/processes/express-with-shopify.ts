/** What stands beside the relay: Express with Shopify's own library. It verifies and answers, and keeps nothing. */
import type { AddressInfo } from 'node:net';
import '@shopify/shopify-api/adapters/node';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';
import express from 'express';
import { secret } from '../shopify-webhook.ts';

const shopify = shopifyApi({
  apiKey: 'bench',
  apiSecretKey: secret,
  hostName: 'localhost',
  apiVersion: ApiVersion.July26,
  isEmbeddedApp: false,
  logger: { level: LogSeverity.Error },
});
const app = express();
app.post('/webhooks', express.text({ type: '*/*' }), async (request, response) => {
  const { valid } = await shopify.webhooks.validate({
    rawBody: request.body,
    rawRequest: request,
    rawResponse: response,
  });
  response.status(valid ? 200 : 401).end();
});
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  process.send?.({ url: `http://127.0.0.1:${port}/webhooks` });
});
process.on('disconnect', () => process.exit());
