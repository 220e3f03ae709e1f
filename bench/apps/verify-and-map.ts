/**
 * What a change costs at least in the local host if it is verified and mapped: the calls that the relay makes, one HMAC, and the
 * relay's mapping for Shopify in a thread of its own. It orders, compares and records nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { compileMapping } from '../../src/mapping/mapping.ts';
import { makeSameCalls } from './make-same-calls.ts';

const { MAPPING = '', WEBHOOK_SECRET = '' } = process.env;
const mapping = compileMapping('shopify.jsonata', MAPPING);

makeSameCalls(
  async (body) => {
    const result = await mapping.map(JSON.parse(body), new Date());
    const [element] = result.ok ? result.elements : [];
    if (element?.type !== 'change' || !('customerId' in element.change.customer))
      throw new Error('the mapping found no change of a customer');
    const { customer, fields } = element.change;
    return { customerId: customer.customerId, fields };
  },
  (body, headers) => {
    const given = Buffer.from(headers.get('x-shopify-hmac-sha256') ?? '', 'base64');
    const computed = createHmac('sha256', WEBHOOK_SECRET).update(body).digest();
    return given.length === computed.length && timingSafeEqual(given, computed);
  },
);
