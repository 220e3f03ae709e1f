import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { mariasAddress } from '../../fixtures/maria.ts';
import { newCustomer } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('cloudevents');
let event: Record<string, unknown> & { data: Record<string, unknown> };

const token = localSecret('crm-webhook-secret');
const structured = 'application/cloudevents+json; charset=utf-8';
const patch = {
  FirstName: 'Maria',
  LastName: 'Jensen',
  EmailAddress: 'maria.jensen@example.com',
  PrimaryAddress: mariasAddress,
};

beforeEach(async () => {
  const sample = JSON.parse(await readFile('test/fixtures/cloudevents/customer-updated.json', 'utf8'));
  event = { ...sample, id: randomUUID(), data: { ...sample.data, customerId: relay.customerId } };
});

const post = (body: unknown, headers: Record<string, string>, query = '') =>
  relay.post(`crm${query}`, JSON.stringify(body), { Authorization: `Bearer ${token}`, ...headers });

test('structured: the fields arrive, once for all attempts', async () => {
  const first = await post(event, { 'Content-Type': structured });
  expect(await relay.outcomeOf(first)).toMatchObject({ status: 'applied', topic: event.type });
  expect(relay.patches()).toEqual([patch]);
  const again = await post(event, { 'Content-Type': structured });
  expect(await relay.deliveryIdOf(again)).toBe(await relay.deliveryIdOf(first));
  expect(relay.patches()).toHaveLength(1);
});

test('binary, with the token in the query', async () => {
  const { data, datacontenttype: _, ...attributes } = event;
  const names = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]);
  const headers = { ...Object.fromEntries(names), 'Content-Type': 'application/json', Authorization: '' };
  const response = await post(data, headers, `?access_token=${encodeURIComponent(token)}`);
  expect((await relay.outcomeOf(response)).status).toBe('applied');
  expect(relay.patches()).toEqual([patch]);
});

test('a batch of 50 customers makes 50 changes', async () => {
  const customers = Array.from({ length: 50 }, () => newCustomer(relay));
  const batch = customers.map((customerId, index) => ({
    ...event,
    id: `${event.id}-${index}`,
    data: { customerId, firstName: `Maria ${index}` },
  }));
  const response = await post(batch, { 'Content-Type': 'application/cloudevents-batch+json' });
  const { status, changes } = await relay.outcomeOf(response);
  expect([status, changes.length]).toEqual(['applied', 50]);
  expect(customers.map((id) => relay.patches(id))).toEqual(
    customers.map((_, index) => [{ FirstName: `Maria ${index}` }]),
  );
});

test('the second token of a rotation', async () => {
  const Authorization = `Bearer ${localSecret('crm-webhook-secret-next')}`;
  const response = await post(event, { 'Content-Type': structured, Authorization });
  expect((await relay.outcomeOf(response)).status).toBe('applied');
});

test('a token changed by one letter, or none: 401', async () => {
  for (const Authorization of ['', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, token]) {
    expect((await post(event, { 'Content-Type': structured, Authorization })).status).toBe(401);
  }
  const query = `?access_token=${encodeURIComponent(token.toLowerCase())}`;
  expect((await post(event, { 'Content-Type': structured, Authorization: '' }, query)).status).toBe(401);
  expect(relay.sandbox.history).toHaveLength(0);
});

test('abuse protection: consent for an allowed origin and for a holder of the token only', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${relay.host.url}/api/webhooks/crm`, { method: 'OPTIONS', headers });
  const allowed = await ask({
    'WebHook-Request-Origin': 'eventemitter.example.com',
    'WebHook-Request-Rate': '120',
    'WebHook-Request-Callback': 'https://example.com/confirm?id=12345',
  });
  expect(allowed.status).toBe(200);
  const consent = (response: Response) =>
    ['allow', 'webhook-allowed-origin', 'webhook-allowed-rate'].map((name) => response.headers.get(name));
  expect(consent(allowed)).toEqual(['POST', 'eventemitter.example.com', '120']);

  const stranger = { 'WebHook-Request-Origin': 'other.example.com' };
  const refused = await ask(stranger);
  expect([refused.status, refused.headers.get('webhook-allowed-origin')]).toEqual([401, null]);
  const known = await ask({ ...stranger, Authorization: `Bearer ${token}` });
  expect(consent(known)).toEqual(['POST', 'other.example.com', '*']);
});

test('another type is ignored, a deletion is parked, what is no CloudEvent gets 400', async () => {
  const other = { ...event, type: 'com.example.order.paid' };
  expect(await (await post(other, { 'Content-Type': structured })).json()).toMatchObject({
    status: 'ignored',
  });
  const deletion = { ...event, id: randomUUID(), type: 'com.example.customer.deleted' };
  expect(await relay.outcomeOf(await post(deletion, { 'Content-Type': structured }))).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'for-a-person' }],
  });
  const malformed = await post({}, { 'Content-Type': structured });
  expect([malformed.status, await malformed.json()]).toMatchObject([400, { code: 'malformed-body' }]);
  expect((await post({}, { 'Content-Type': 'application/json' })).status).toBe(400);
  expect(relay.sandbox.history).toHaveLength(0);
});

describe('in binary mode', () => {
  const postBinary = (more: Record<string, string>) => {
    const { data, datacontenttype: _, ...attributes } = event;
    const names = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)]);
    return post(data, { ...Object.fromEntries(names), ...more });
  };

  test.each(['50% off', '%', '%E2%82'])('a header with %j is taken as it stands', async (subject) => {
    const response = await postBinary({ 'ce-subject': subject });
    expect((await relay.outcomeOf(response)).status).toBe('applied');
    expect(relay.patches()).toEqual([patch]);
  });

  test('JSON that is sent as text is parked, not "nothing changed": no customer was found in it', async () => {
    const response = await postBinary({ 'Content-Type': 'text/plain' });
    expect(await relay.reportOf(response)).toMatchObject({
      status: 'parked',
      changes: [{ violations: [{ message: expect.stringMatching(/^no customer and no field/) }] }],
    });
  });
});

test('data that is a JSON text is parked, not "nothing changed": no customer was found in it', async () => {
  const response = await post({ ...event, data: JSON.stringify(event.data) }, { 'Content-Type': structured });
  expect(await relay.reportOf(response)).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'unmappable' }],
  });
});
