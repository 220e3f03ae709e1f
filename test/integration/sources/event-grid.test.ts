import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { mariasAddress } from '../../fixtures/maria.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('event-grid');
let event: Record<string, unknown> & { data: Record<string, unknown> };

const secret = localSecret('grid-webhook-secret');
const query = `?key=${encodeURIComponent(secret)}`;
const patch = {
  FirstName: 'Maria',
  LastName: 'Jensen',
  EmailAddress: 'maria.jensen@example.com',
  PrimaryAddress: mariasAddress,
};

beforeEach(async () => {
  const [sample] = JSON.parse(await readFile('test/fixtures/event-grid/customer-updated.json', 'utf8'));
  event = { ...sample, id: randomUUID(), data: { ...sample.data, customerId: relay.customerId } };
});

function send(
  body: unknown,
  { search = query, headers = {} as Record<string, string> } = {},
): Promise<Response> {
  return relay.post(`grid${search}`, JSON.stringify(body), {
    'Content-Type': 'application/json; charset=utf-8',
    'aeg-event-type': 'Notification',
    ...headers,
  });
}

test('the Event Grid schema: the fields arrive, once for all attempts', async () => {
  const first = await send([event]);
  expect(await relay.outcomeOf(first)).toMatchObject({ status: 'applied', topic: event.eventType });
  expect(relay.patches()).toEqual([patch]);
  const again = await send([event], { headers: { 'aeg-delivery-count': '1' } });
  expect(await relay.deliveryIdOf(again)).toBe(await relay.deliveryIdOf(first));
  expect(relay.patches()).toHaveLength(1);
});

test('the schema of CloudEvents, with the secret in a delivery property', async () => {
  const { eventType: type, eventTime: time, data, id } = event;
  const cloudEvent = { specversion: '1.0', id, source: '/crm', type, time, data };
  const headers = { 'Content-Type': 'application/cloudevents+json; charset=utf-8', 'x-relay-key': secret };
  expect((await relay.outcomeOf(await send(cloudEvent, { search: '', headers }))).status).toBe('applied');
  expect(relay.patches()).toEqual([patch]);
});

test('the second secret of a rotation', async () => {
  const headers = { 'x-relay-key': localSecret('grid-webhook-secret-next') };
  const response = await send([event], { search: '', headers });
  expect((await relay.outcomeOf(response)).status).toBe('applied');
});

test('a secret changed by one letter, or none: 401', async () => {
  for (const search of ['', '?key=', `${query}x`, query.slice(0, -3), query.replace('key=', 'code=')]) {
    expect((await send([event], { search })).status).toBe(401);
  }
  const headers = { 'x-relay-key': `${secret}x` };
  expect((await send([event], { search: '', headers })).status).toBe(401);
  expect(relay.sandbox.history).toHaveLength(0);
});

test('the validation of a subscription: exactly 200 with the code, after the secret was checked', async () => {
  const validation = JSON.parse(
    await readFile('test/fixtures/event-grid/subscription-validation.json', 'utf8'),
  );
  const headers = { 'aeg-event-type': 'SubscriptionValidation' };
  const answer = await send(validation, { headers });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(await answer.json()).toEqual({ validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' });

  const stranger = await send(validation, { headers, search: '?key=guess' });
  expect([stranger.status, JSON.stringify(await stranger.json())]).toEqual([
    401,
    expect.not.stringMatching('512d'),
  ]);
});

test('the validation in the schema of CloudEvents', async () => {
  const headers = { 'WebHook-Request-Origin': 'eventgrid.azure.net' };
  const ask = (search: string) =>
    fetch(`${relay.host.url}/api/webhooks/grid${search}`, { method: 'OPTIONS', headers });
  const answer = await ask(query);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
  expect(answer.headers.get('webhook-allowed-rate')).toBe('*');
  expect((await ask('')).status).toBe(401);
});

test('other types and the end of a subscription are ignored, a deletion is parked', async () => {
  const other = await send([{ ...event, eventType: 'Contoso.Orders.Paid' }]);
  expect([other.status, await other.json()]).toMatchObject([200, { status: 'ignored' }]);
  const ended = await send([event], { headers: { 'aeg-event-type': 'SubscriptionDeletion' } });
  expect(await ended.json()).toMatchObject({ status: 'ignored' });
  const deletion = await send([
    { ...event, id: randomUUID(), eventType: 'Contoso.Customers.CustomerDeleted' },
  ]);
  expect(await relay.outcomeOf(deletion)).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'for-a-person' }],
  });
  expect(relay.sandbox.history).toHaveLength(0);
});
