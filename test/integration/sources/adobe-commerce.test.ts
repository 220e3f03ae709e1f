import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { maria, mariaAsShopper, mariasAddresses } from '../../fixtures/maria.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('adobe-commerce');

const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const [first, next, other] = [keyPair(), keyPair(), keyPair()];

beforeAll(() => {
  relay.vault.set('adobe-public-key', first.publicKey);
  relay.vault.set('adobe-public-key-next', next.publicKey);
  relay.vault.set('commerce-public-key', first.publicKey);
});

/** A file of the kind's fixtures as if it were about this customer, every event a new one. */
async function sampleOf(file: string): Promise<string> {
  const text = await readFile(`test/fixtures/adobe-commerce/${file}`, 'utf8');
  return text
    .replaceAll('"10542"', `"${relay.customerId}"`)
    .replaceAll(/"event_?id": "[^"]+"/g, `"eventid": "${randomUUID()}"`);
}

const signatureOf = (body: string, key = first.privateKey) =>
  sign('sha256', Buffer.from(body), key).toString('base64');

describe('I/O Events', () => {
  const send = (body: string, signature = signatureOf(body), number = 1) =>
    relay.post('adobe', body, { [`x-adobe-digital-signature-${number}`]: signature });

  test('signed: every field arrives, once for all attempts', async () => {
    const body = await sampleOf('io-events.customer-save-commit-after.json');
    const response = await send(body);
    expect(await relay.outcomeOf(response)).toMatchObject({
      status: 'applied',
      topic: 'com.adobe.commerce.observer.customer_save_commit_after',
    });
    expect(relay.patches()).toEqual([{ ...mariaAsShopper, BirthDate: maria.BirthDate, ...mariasAddresses }]);
    const again = await send(body);
    expect(again.status).toBe(202);
    expect(await relay.deliveryIdOf(again)).toBe(await relay.deliveryIdOf(response));
    expect(relay.patches()).toHaveLength(1);
  });

  test('a batch, signed by the second key in the second header', async () => {
    const body = await sampleOf('io-events.batch.json');
    const response = await send(body, signatureOf(body, next.privateKey), 2);
    expect((await relay.outcomeOf(response)).status).toBe('applied');
    expect(relay.patches()).toMatchObject([{ FirstName: 'Marie' }]);
  });

  test("one byte changed in body or signature, another key, another customer of Adobe's: 401", async () => {
    const body = await sampleOf('io-events.customer-save-commit-after.json');
    const signature = signatureOf(body);
    const foreign = body.replaceAll('ca7b36f23be94dcb9d2ebb97f0276e3f', 'another-client');
    for (const response of [
      send(`${body} `, signature),
      send(body.replace('Maria', 'Mario'), signature),
      send(
        body,
        signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
      ),
      send(body, ''),
      send(body, signatureOf(body, other.privateKey)),
      send(foreign, signatureOf(foreign)),
    ]) {
      expect((await response).status).toBe(401);
    }
    expect(relay.sandbox.history).toHaveLength(0);
  });

  test('the challenge', async () => {
    const response = await fetch(`${relay.host.url}/api/webhooks/adobe?challenge=8ec8d794-e0ab-42df`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual({ challenge: '8ec8d794-e0ab-42df' });
    expect((await fetch(`${relay.host.url}/api/webhooks/adobe`)).status).toBe(401);
    const validationUrl = 'https://csm.adobe.io/csm/registrations/validate?id=1&challenge=2';
    expect((await relay.post('adobe', JSON.stringify({ validationUrl }))).status).toBe(200);
    const elsewhere = JSON.stringify({ validationUrl: 'https://example.com/csm/registrations/validate' });
    expect((await relay.post('adobe', elsewhere)).status).toBe(401);
  });

  test('another event is ignored, a deletion is parked', async () => {
    const body = await sampleOf('io-events.customer-save-commit-after.json');
    const other = 'observer.catalog_product_save_commit_after';
    const ignored = await send(body.replace('observer.customer_save_commit_after', other));
    expect(await relay.outcomeOf(ignored)).toMatchObject({ status: 'ignored' });
    const deletion = (await sampleOf('io-events.customer-save-commit-after.json')).replace(
      'save_commit',
      'delete_commit',
    );
    expect(await relay.outcomeOf(await send(deletion))).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'for-a-person' }],
    });
    expect(relay.sandbox.history).toHaveLength(0);
  });
});

describe('the Webhooks module', () => {
  const send = (body: string, signature = signatureOf(Buffer.from(body).toString('base64'))) =>
    relay.post('commerce', body, { 'x-adobe-commerce-webhook-signature': signature });

  test('signed: answered 200 {"op":"success"}, and the address arrives', async () => {
    const response = await send(await sampleOf('commerce-webhook.address-save.json'));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.text()).toBe('{"op":"success"}');
    expect((await relay.reportOf(response)).status).toBe('applied');
    expect(relay.patches()).toEqual([
      {
        CompanyName: maria.CompanyName,
        PrimaryPhone: maria.PrimaryPhone,
        ...mariasAddresses,
      },
    ]);
  });

  test('one byte changed, or a signature of the plain body: 401', async () => {
    const body = await sampleOf('commerce-webhook.address-save.json');
    const signature = signatureOf(Buffer.from(body).toString('base64'));
    expect((await send(body.replace('Lehi', 'Leho'), signature)).status).toBe(401);
    expect((await send(body, signatureOf(body))).status).toBe(401);
    expect((await send(body, '')).status).toBe(401);
    expect(relay.sandbox.history).toHaveLength(0);
  });
});
