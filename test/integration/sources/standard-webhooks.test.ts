import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Webhook } from 'standardwebhooks';
import { beforeEach, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('standard-webhooks');
let sample: string;

beforeEach(async () => {
  const file = await readFile('test/fixtures/standard-webhooks/contact-updated.json', 'utf8');
  sample = file.replace('10542', relay.customerId);
});

/** The headers of the reference library for these bytes. */
function signed(
  body: string,
  { secret = 'partner-webhook-secret', ageSeconds = 0, id = `msg_${randomUUID()}` } = {},
) {
  const at = new Date(Date.now() - ageSeconds * 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(localSecret(secret)).sign(id, at, body),
  };
}

const post = (body: string, headers: Record<string, string>) => relay.post('partner', body, headers);

test('signed: every field arrives, once for all attempts', async () => {
  const headers = signed(sample);
  const first = await post(sample, headers);
  expect(await relay.outcomeOf(first)).toMatchObject({ status: 'applied', topic: 'contact.updated' });
  expect(relay.patches()).toEqual([
    {
      FirstName: 'Maria',
      LastName: 'Jensen',
      EmailAddress: 'maria.jensen@example.com',
      PrimaryPhone: '+18015550142',
      BirthDate: '1990-05-01T00:00:00',
    },
  ]);
  const again = await post(sample, signed(sample, { id: headers['webhook-id'] }));
  expect(await relay.deliveryIdOf(again)).toBe(await relay.deliveryIdOf(first));
  expect(relay.patches()).toHaveLength(1);
});

test('signed with the second secret of a rotation, or under the names of Svix', async () => {
  const rotated = await post(sample, signed(sample, { secret: 'partner-webhook-secret-next' }));
  expect((await relay.outcomeOf(rotated)).status).toBe('applied');
  const svix = Object.entries(signed(sample)).map(([name, value]) => [
    name.replace('webhook-', 'svix-'),
    value,
  ]);
  const again = await post(sample, Object.fromEntries(svix));
  expect((await relay.outcomeOf(again)).status).toMatch(/^(applied|unchanged)$/);
});

test('one byte changed in body, id, time or signature, or five minutes old: 401', async () => {
  const headers = signed(sample);
  const time = Number(headers['webhook-timestamp']);
  for (const [body, changed] of [
    [`${sample} `, headers],
    [sample.replace('Maria', 'Mario'), headers],
    [sample, { ...headers, 'webhook-id': `${headers['webhook-id']}x` }],
    [sample, { ...headers, 'webhook-timestamp': String(time + 1) }],
    [
      sample,
      {
        ...headers,
        'webhook-signature': headers['webhook-signature'].replace(/,./, (c) => (c === ',A' ? ',B' : ',A')),
      },
    ],
    [sample, signed(sample, { ageSeconds: 302 })],
    [sample, signed(sample, { ageSeconds: -302 })],
    [sample, signed(sample, { secret: 'another' })],
  ] as const) {
    expect((await post(body, changed)).status).toBe(401);
  }
  expect(relay.sandbox.history).toHaveLength(0);
});

test('another type is ignored, a deletion is parked', async () => {
  const other = sample.replace('contact.updated', 'invoice.paid');
  expect(await (await post(other, signed(other))).json()).toMatchObject({ status: 'ignored' });
  const deletion = sample.replace('contact.updated', 'contact.deleted');
  expect(await relay.outcomeOf(await post(deletion, signed(deletion)))).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'for-a-person' }],
  });
  expect(relay.sandbox.history).toHaveLength(0);
});
