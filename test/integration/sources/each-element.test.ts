import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyKind, withSamples, writeRelayFile } from '../../../local/relay-file.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { startVendors, type Vendors } from '../../../local/vendors.ts';
import { everyKindSender } from '../../security/every-kind.ts';
import { functionKey, newCustomer, outcomeOf, patchesOf } from '../relay-under-test.ts';

let stack: Stack;
let vendors: Vendors;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elements-'));
  vendors = await startVendors();
  const relayConfig = await writeRelayFile({ sources: await withSamples(everyKind(), vendors) }, folder);
  stack = await startStack({ relayConfig, host: { functionKey } });
});
afterAll(async () => {
  await stack?.stop();
  await vendors?.close();
  await rm(folder, { recursive: true, force: true });
});

const senders = await everyKindSender();
const now = () => new Date().toISOString();

/** How a kind's sender puts a change of one customer into a batch. */
interface Batches {
  /** A new first name for the customer. */
  element(customerId: string, firstName: string): object;
  /** Elements that can be read, and hold nothing that can be used. */
  readonly unusable?: readonly object[];
  headers?(body: string, secret: string): Record<string, string>;
}

const adobeEvent = (data: object) => ({
  specversion: '1.0',
  type: 'com.adobe.commerce.observer.customer_save_commit_after',
  source: 'urn:uuid:1',
  id: randomUUID(),
  recipient_client_id: 'ca7b36f23be94dcb9d2ebb97f0276e3f',
  data,
});
const cloudEvent = (data: object) => ({
  specversion: '1.0',
  type: 'com.example.customer.updated',
  source: 's',
  id: randomUUID(),
  time: now(),
  data,
});
const gridEvent = (data: object) => ({
  id: randomUUID(),
  topic: 't',
  eventType: 'Contoso.Customers.CustomerUpdated',
  eventTime: now(),
  data,
});

const kinds: Record<string, Batches> = {
  'adobe-commerce': {
    element: (id, firstname) =>
      adobeEvent({ value: { id: 7, directscale_customer_id: id, firstname, updated_at: now() } }),
    unusable: [{ recipient_client_id: 'ca7b36f23be94dcb9d2ebb97f0276e3f' }],
  },
  cloudevents: {
    element: (customerId, firstName) => cloudEvent({ customerId, firstName }),
    unusable: [
      cloudEvent({ customerId: 'x', firstName: 'y' }),
      cloudEvent({ customerId: '1', email: 'bad' }),
    ],
    headers: () => ({ 'Content-Type': 'application/cloudevents-batch+json' }),
  },
  'event-grid': {
    element: (customerId, firstName) => gridEvent({ customerId, firstName }),
    unusable: [gridEvent({ customerId: '1', email: 'bad' })],
  },
  canonical: {
    element: (customerId, FirstName) => ({
      customer: { customerId },
      occurredAt: now(),
      fields: { FirstName },
    }),
    unusable: [{ customer: { customerId: '1' }, fields: { LanguageCode: 'klingon' } }],
  },
  segment: {
    element: (id, firstName) => ({
      type: 'identify',
      userId: `user-${id}`,
      messageId: randomUUID(),
      timestamp: now(),
      traits: { directscale_customer_id: id, firstName },
    }),
    unusable: [{ type: 'identify', userId: 'x', traits: { directscale_customer_id: 'x', firstName: 'y' } }],
    headers: (body, secret) => ({ 'X-Signature': createHmac('sha1', secret).update(body).digest('hex') }),
  },
  salesforce: {
    element: (id, FirstName) => ({
      ChangeEventHeader: {
        entityName: 'Contact',
        recordIds: [`003${id}`],
        changeType: 'UPDATE',
        changedFields: ['Name.FirstName', 'DirectScale_Customer_Id__c'],
        transactionKey: randomUUID(),
        sequenceNumber: 1,
        commitTimestamp: Date.now(),
      },
      Name: { FirstName },
      DirectScale_Customer_Id__c: id,
    }),
    headers: () => ({ 'Content-Type': 'application/json' }),
  },
};

describe.each(Object.entries(kinds))('a batch of %s', (kind, { element, unusable = [], headers }) => {
  const bad = [5, null, 'text', [], {}, ...unusable];
  // Without a recipient an event of Adobe's is for nobody known: the request is not authentic.
  const elements = kind === 'adobe-commerce' ? unusable : bad;

  test.each(elements.map((one) => [JSON.stringify(one), one]))(
    'with the element %s: what is before and behind it is applied, and it is parked',
    async (_, one) => {
      const sender = senders.find((candidate) => candidate.kind === kind);
      if (!sender) throw new Error(`no sender of ${kind}`);
      const [first, last] = [newCustomer(stack), newCustomer(stack)];
      const body = JSON.stringify([element(first, 'Ada'), one, element(last, 'Grace')]);
      const signed = sender.sign(Buffer.from(body), stack.host.url);
      const response = await fetch(signed.url, {
        method: 'POST',
        headers: { ...signed.headers, ...headers?.(body, sender.secret) },
        body,
      });
      expect(response.status).toBe(202);
      expect(await outcomeOf(stack, response)).toMatchObject({
        changes: [
          { customerId: first, status: 'applied' },
          { status: 'parked', reason: expect.stringMatching(/^(for-a-person|unmappable)$/) },
          { customerId: last, status: 'applied' },
        ],
      });
      expect(patchesOf(stack, first)).toEqual([{ FirstName: 'Ada' }]);
      expect(patchesOf(stack, last)).toEqual([{ FirstName: 'Grace' }]);
    },
  );
});
