import { createHash } from 'node:crypto';
import * as z from 'zod';
import { equalInConstantTime, hmacSha256 } from './hmac.ts';
import { parseJson } from './json-body.ts';
import type { SourceKind } from './source.ts';

const optionsSchema = z.strictObject({});

const customerTopics = new Set(['customers/update', 'customers/create']);

/**
 * Shopify's webhooks. https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
 * `X-Shopify-Hmac-Sha256` is base64(HMAC-SHA256(client secret, raw body)); headers and time are not signed.
 */
export const shopify: SourceKind<z.infer<typeof optionsSchema>> = {
  name: 'shopify',
  options: optionsSchema,
  mapping: 'mappings/shopify.jsonata',
  trusted: false,
  headersRead: /^x-shopify-(topic|event-id|webhook-id|test)$/,

  verify({ headers, body }, { secrets }) {
    const given = headers.get('x-shopify-hmac-sha256') ?? '';
    let matches = false;
    for (const secret of secrets) {
      matches = equalInConstantTime(given, hmacSha256(secret, body).toString('base64')) || matches;
    }
    return matches;
  },

  read({ headers, body }) {
    const topic = headers.get('x-shopify-topic') ?? '';
    const event = headers.get('x-shopify-event-id') ?? headers.get('x-shopify-webhook-id') ?? '';
    // Only the body is signed. With its hash in the id, a forged header cannot pass one delivery off as another.
    const id = `${topic}:${event}:${createHash('sha256').update(body).digest('hex')}`;
    const ignored = (reason: string) => ({ id, topic, content: { type: 'ignored' as const, reason } });

    if (headers.get('x-shopify-test') === 'true') return ignored('a test webhook');
    if (!customerTopics.has(topic)) return ignored(topic ? 'not a topic about customer data' : 'no topic');
    return { id, topic, content: { type: 'changes', payload: parseJson(body) } };
  },
};
