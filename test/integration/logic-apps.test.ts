import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { httpActionsIn, readWorkflow, requestOf, workflowText } from '../logic-apps/workflow.ts';
import { functionKey, newCustomer, patchesOf, startRelay } from './relay-under-test.ts';

let stack: Stack;
const readFixture = async (name: string) =>
  JSON.parse(await readFile(`test/fixtures/logic-apps/${name}`, 'utf8'));
const fields = await readFixture('http-action.json');
const ownHeaders = await readFixture('http-action.headers.json');
const actions = new Map(httpActionsIn(readWorkflow(workflowText).definition.actions));
let runs = 0;

beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

/** Sends the request of an HTTP action of the workflow, as Logic Apps sends it. */
function perform(name: string, triggerBody: Readonly<Record<string, unknown>>): Promise<Response> {
  const action = actions.get(name);
  if (!action) throw new Error(`the workflow has no HTTP action ${name}`);
  const id = `run${++runs}`;
  const request = requestOf(action, { relayUrl: stack.host.url, relayKey: functionKey, id, triggerBody });
  const url = new URL(request.uri);
  for (const [query, value] of Object.entries(request.queries)) url.searchParams.set(query, value);
  return fetch(url, {
    method: request.method,
    headers: { ...ownHeaders, ...request.headers },
    body: JSON.stringify(request.body),
  });
}

/** Follows a 202 as Logic Apps is documented to: the address of Location, until another status. No header is repeated. */
async function poll(accepted: Response): Promise<Response> {
  let last = accepted;
  while (last.status === 202) {
    expect(last.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    await delay(50);
    last = await fetch(last.headers.get('location') ?? '');
  }
  return last;
}

test('the action that waits for the outcome gets it in the call', async () => {
  const customerId = newCustomer(stack);
  const answer = await perform('Update_customer', { customerId, fields });
  expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'applied', customerId }]);
  expect(patchesOf(stack, customerId)).toHaveLength(1);
});

test('the action that polls ends with the delivery', async () => {
  const customerId = newCustomer(stack);
  const accepted = await perform('Update_customer_later', { customerId, fields });
  expect(accepted.status).toBe(202);
  const last = await poll(accepted);
  expect([last.status, await last.json()]).toMatchObject([
    200,
    { status: 'applied', changes: [{ customerId }] },
  ]);
  expect(patchesOf(stack, customerId)).toHaveLength(1);
});

test('a change that cannot be delivered ends with a status that the workflow fails for', async () => {
  const last = await poll(await perform('Update_customer_later', { customerId: '99999999', fields }));
  expect([last.status, await last.json()]).toMatchObject([200, { status: 'parked' }]);
});

test('a customer that there is not, and a field that there is not, fail the action that waits', async () => {
  const unknown = await perform('Update_customer', { customerId: '99999999', fields });
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'customer-not-found' }]);
  const wrong = await perform('Update_customer', {
    customerId: '10542',
    fields: { ...fields, Nickname: 'Mia' },
  });
  expect([wrong.status, await wrong.json()]).toMatchObject([422, { violations: [{ path: 'Nickname' }] }]);
});
