import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariaAsShopper, mariasAddress, mariasAddresses } from '../../fixtures/maria.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('generic');

const name = { FirstName: 'Maria', LastName: 'Jensen', EmailAddress: 'maria.jensen@example.com' };
const withoutStreet2 = { ...mariasAddress, Street2: '' };
const zohoPatch = {
  ...name,
  PrimaryPhone: '+18015550142',
  TextPhone: '+18015550142',
  PrimaryAddress: withoutStreet2,
  DefaultShippingAddress: withoutStreet2,
  BirthDate: '1990-05-01T00:00:00',
};

beforeAll(() => {
  relay.vault.set('klaviyo-flow-secret', 'klaviyo:a much longer password');
});

const sampleOf = async (file: string) =>
  (await readFile(`test/fixtures/generic/${file}`, 'utf8')).replace('10542', relay.customerId);

test('a Zoho workflow by a header of its own: the fields arrive, once for the same bytes', async () => {
  const body = await sampleOf('zoho-workflow.json');
  const headers = { 'x-relay-key': localSecret('zoho-workflow-secret') };
  const first = await relay.post('zoho-workflow', body, headers);
  expect((await relay.outcomeOf(first)).status).toBe('applied');
  expect(relay.patches()).toEqual([zohoPatch]);
  const again = await relay.post('zoho-workflow', body, headers);
  expect(await relay.deliveryIdOf(again)).toBe(await relay.deliveryIdOf(first));
});

test('a Zoho workflow as a form, with the second secret of a rotation', async () => {
  const response = await relay.post('zoho-workflow', await sampleOf('zoho-workflow-form.txt'), {
    'Content-Type': 'application/x-www-form-urlencoded',
    'x-relay-key': localSecret('zoho-workflow-secret-next'),
  });
  expect((await relay.outcomeOf(response)).status).toBe('applied');
  expect(relay.patches()).toEqual([name]);
});

test('a Klaviyo flow by basic auth: the fields arrive', async () => {
  const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const body = await sampleOf('klaviyo-flow.json');
  expect((await relay.post('klaviyo-flow', body, basic('klaviyo:another'))).status).toBe(401);
  const response = await relay.post('klaviyo-flow', body, basic('klaviyo:a much longer password'));
  expect((await relay.outcomeOf(response)).status).toBe('applied');
  expect(relay.patches()).toEqual([
    {
      ...mariaAsShopper,
      ...mariasAddresses,
      LanguageCode: maria.LanguageCode,
      BirthDate: maria.BirthDate,
    },
  ]);
});

test('a key in the query, and an id in a header', async () => {
  const body = await sampleOf('zoho-workflow.json');
  const source = `by-query?key=${encodeURIComponent(localSecret('by-query-secret'))}`;
  const send = (id: string) => relay.post(source, body, { 'Idempotency-Key': id });
  const [id, another] = [randomUUID(), randomUUID()];
  const first = await send(id);
  expect((await relay.outcomeOf(first)).status).toBe('applied');
  expect(await relay.deliveryIdOf(await send(id))).toBe(await relay.deliveryIdOf(first));
  const second = await send(another);
  expect(await relay.deliveryIdOf(second)).not.toBe(await relay.deliveryIdOf(first));
  expect((await relay.outcomeOf(second)).status).toBe('unchanged');
  expect((await relay.post(`${source}x`, body)).status).toBe(401);
});

test('an HMAC with a time: accepted now, with each secret; refused when changed or old', async () => {
  const body = await sampleOf('zoho-workflow.json');
  const headers = ({ ageSeconds = 0, secret = 'signed-secret' } = {}) => {
    const time = String(Math.floor(Date.now() / 1000) - ageSeconds);
    const hmac = createHmac('sha256', localSecret(secret)).update(`${time}.${body}`).digest('base64');
    return { 'X-Timestamp': time, 'X-Signature': `sha256=${hmac}` };
  };
  const right = headers();
  for (const [sent, changed] of [
    [`${body} `, right],
    [body, { ...right, 'X-Timestamp': `${Number(right['X-Timestamp']) - 1}` }],
    [body, { ...right, 'X-Signature': right['X-Signature'].replace(/.=$/, '==') }],
    [body, { ...right, 'X-Signature': right['X-Signature'].replace('sha256=', '') }],
    [body, headers({ ageSeconds: 302 })],
    [body, headers({ ageSeconds: -302 })],
    [body, headers({ secret: 'another' })],
  ] as const) {
    expect((await relay.post('signed', sent, changed)).status).toBe(401);
  }
  expect(relay.sandbox.history).toHaveLength(0);
  expect((await relay.post('signed', body, headers({ secret: 'signed-secret-next' }))).status).toBe(202);
  const accepted = await relay.post('signed', body, right);
  expect((await relay.outcomeOf(accepted)).status).toBe('applied');
  expect(relay.patches()).toEqual([zohoPatch]);
});

test('a secret changed by one letter, or none: 401; a body that cannot be read: 400', async () => {
  const body = await sampleOf('zoho-workflow.json');
  const secret = localSecret('zoho-workflow-secret');
  for (const key of ['', `${secret}x`, secret.slice(1), secret.toUpperCase()]) {
    expect((await relay.post('zoho-workflow', body, { 'x-relay-key': key })).status).toBe(401);
  }
  expect((await relay.post('zoho-workflow', '{', { 'x-relay-key': secret })).status).toBe(400);
  expect(relay.sandbox.history).toHaveLength(0);
});
