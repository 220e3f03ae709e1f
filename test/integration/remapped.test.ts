import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFunctionHost } from '../../local/function-host.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import type { ActList, Draft, Remapped } from '../../src/http/operator-answers.ts';
import { call } from './operator.ts';
import {
  functionKey,
  newCustomer,
  outcomeOf,
  patchesOf,
  postCanonical,
  postShopify,
  shopifySample,
  startRelay,
} from './relay-under-test.ts';

async function answerOf<Answer>(relayUrl: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await call(relayUrl, path, init);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Answer; // the test's own statement of what comes
}

describe("what today's mapping would make of a delivery", () => {
  test('is told by names of fields, with values only for whom asks, and nothing is changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'relay-remapped-'));
    const file = join(folder, 'relay.json');
    const mapping = join(folder, 'own.jsonata');
    const entry = { kind: 'shopify', secrets: ['shopify-webhook-secret'], mapping: 'own.jsonata' };
    await writeFile(file, JSON.stringify({ sources: { shopify: entry } }));
    const write = (fields: string) =>
      writeFile(
        mapping,
        `{ "customer": { "customerId": metafields[0].value }, "occurredAt": updated_at, "fields": ${fields} }`,
      );
    await write('{ "FirstName": first_name, "CompanyName": "Old" }');
    const stack = await startStack({ relayConfig: file, host: { functionKey } });
    try {
      const customerId = newCustomer(stack);
      const body = await shopifySample(customerId, { first_name: 'Ottilie', last_name: 'Quark' });
      const { deliveryId } = await outcomeOf(stack, await postShopify(stack, body));
      const patches = patchesOf(stack, customerId).length;
      const path = `deliveries/${deliveryId}/remapped`;
      expect(await answerOf<Remapped>(stack.host.url, path)).toMatchObject({ changes: [{ result: 'same' }] });

      await write(
        '{ "FirstName": last_name, "LastName": last_name, "EmailAddress": "at home", "CompanyName": null }',
      );
      await stack.host.stop();
      const host = await startFunctionHost({ functionKey, env: stack.env });
      try {
        const remapped = await answerOf<Remapped>(host.url, path);
        expect(remapped).toMatchObject({
          deliveryId,
          source: 'shopify',
          changes: [
            {
              index: 0,
              result: 'different',
              customerId,
              added: ['LastName'],
              removed: ['CompanyName'],
              changed: ['FirstName'],
              leftOut: [{ path: 'EmailAddress' }],
              violations: [],
            },
          ],
        });
        expect(remapped.mappingBefore).not.toBe(remapped.mappingNow);
        expect(JSON.stringify(remapped)).not.toMatch(/Ottilie|Quark/);
        const shown = await answerOf<Remapped>(host.url, `${path}?values=true`);
        expect(shown.changes[0]?.values).toEqual({
          LastName: { now: 'Quark' },
          CompanyName: { before: 'Old' },
          FirstName: { before: 'Ottilie', now: 'Quark' },
        });
        const { acts } = await answerOf<ActList>(host.url, 'acts?limit=1');
        expect(acts).toMatchObject([{ act: 'show-values', subject: `delivery ${deliveryId}` }]);
        expect(patchesOf(stack, customerId)).toHaveLength(patches);
      } finally {
        await host.stop();
      }
    } finally {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});

describe('a mapping of the caller', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startRelay();
  });
  afterAll(() => stack?.stop());

  const draft = (source: string, body: object): Promise<Draft> =>
    answerOf(stack.host.url, `preview/${source}/draft`, { method: 'POST', body: JSON.stringify(body) });
  const topic = { 'X-Shopify-Topic': 'customers/update' };

  test('is tried out: changes, what is left out, what is wrong', async () => {
    const mapping = `{ "customer": { "customerId": id }, "fields": { "FirstName": n, "EmailAddress": "at home" } }`;
    expect(await draft('shopify', { payload: { id: 7, n: 'Ada' }, headers: topic, mapping })).toMatchObject({
      status: 'mapped',
      mapping,
      changes: [{ customer: { customerId: '7' }, fields: { FirstName: 'Ada' } }],
      leftOut: [{ path: 'EmailAddress' }],
      violations: [],
    });
    const wrong = { payload: { id: 7 }, headers: topic, mapping: '{ "customer": { "customerId": id } }' };
    expect(await draft('shopify', wrong)).toMatchObject({ status: 'unmappable', changes: [] });
    expect(
      await draft('shopify', { ...wrong, headers: { 'X-Shopify-Topic': 'orders/create' } }),
    ).toMatchObject({
      status: 'ignored',
    });
  });

  test('that does not compile says where', async () => {
    expect(await draft('shopify', { payload: {}, headers: topic, mapping: '{\n  "a": ]' })).toMatchObject({
      status: 'does-not-compile',
      line: 2,
    });
  });

  test('that never ends is ended, and those after it work', async () => {
    const mapping = '($f := function($x) { $f($x + 1) }; { "customer": $f(1) })';
    const answer = await draft('shopify', { payload: {}, headers: topic, mapping });
    expect(answer.status).toBe('unmappable');
    const customerId = newCustomer(stack);
    await outcomeOf(stack, await postShopify(stack, await shopifySample(customerId)));
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('is told without one: that of the source, on a recorded delivery, which is noted', async () => {
    const { deliveryId } = await outcomeOf(
      stack,
      await postShopify(stack, await shopifySample(newCustomer(stack))),
    );
    const answer = await draft('shopify', { deliveryId });
    expect(answer).toMatchObject({
      status: 'mapped',
      mapping: await readFile('mappings/shopify.jsonata', 'utf8'),
    });
    const { acts } = await answerOf<ActList>(stack.host.url, 'acts?limit=1');
    expect(acts).toMatchObject([{ act: 'show-values', subject: `delivery ${deliveryId}` }]);
    const other = await call(stack.host.url, 'preview/in-house/draft', {
      method: 'POST',
      body: JSON.stringify({ deliveryId }),
    });
    expect(other.status).toBe(404);
  });

  test.each([
    {},
    { payload: {}, body: '{}' },
    { payload: {}, mapping: 1 },
    { payload: {}, headers: { 'a b': 'c' } },
    { payload: {}, colour: 'red' },
  ])('422 for %j', async (body) => {
    const answer = await call(stack.host.url, 'preview/shopify/draft', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(422);
  });

  test('nothing of it is kept or sent', async () => {
    const before = stack.sandbox.history.length;
    const change = { customer: { customerId: newCustomer(stack) }, fields: { FirstName: 'Nobody' } };
    expect(await draft('in-house', { payload: change })).toMatchObject({
      status: 'mapped',
      changes: [change],
    });
    expect(stack.sandbox.history).toHaveLength(before);
    expect(stack.host.log()).not.toContain('Nobody');
    await outcomeOf(stack, await postCanonical(stack, change));
  });
});
