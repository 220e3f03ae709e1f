import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Customer } from '../../../local/sandbox/customer.ts';
import { localSecret } from '../../../local/sender.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { functionKey, newCustomer, postCanonical, quickRetries } from '../relay-under-test.ts';

/** A stack with the sources of relay.json beside this file. */
export function startRelayForCustomers(env: Record<string, string> = {}): Promise<Stack> {
  return startStack({
    relayConfig: 'test/integration/customers/relay.json',
    host: { functionKey, env: { ...quickRetries, ...env } },
  });
}

/** A customer whom no other test knows, as the sandbox holds her. */
export function someone(stack: Stack, changes: Partial<Customer> = {}): Customer {
  const customer = stack.sandbox.customers.get(newCustomer(stack));
  if (!customer) throw new Error('the sandbox has lost a customer');
  return Object.assign(customer, changes);
}

/** What became of a change, as the API tells it. */
export interface Outcome {
  readonly status: string;
  readonly reason?: string;
  readonly note?: string;
  readonly customerId?: string;
  readonly dropped: readonly string[];
  readonly violations: readonly { readonly path: string }[];
}

/** Sends a change to a source that answers with the outcome. */
export async function send(
  stack: Stack,
  change: Readonly<Record<string, unknown>>,
  source = 'crm',
): Promise<Outcome> {
  const response = await postCanonical(stack, change, { source });
  expect(response.status).toBe(200);
  const [outcome] = ((await response.json()) as { changes: Outcome[] }).changes;
  if (!outcome) throw new Error('the delivery made no change');
  return outcome;
}

/** Posts an event as DirectScale does. */
export function postEvent(
  stack: Stack,
  event: Readonly<Record<string, unknown>>,
  secret = localSecret('directscale-extension-secret'),
): Promise<Response> {
  return fetch(`${stack.host.url}/api/webhooks/directscale`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${secret}`,
      'X-Directscale-Message-Id': randomUUID(),
    },
    body: JSON.stringify({
      EventType: 'UpdateAssociateEvent',
      EventDateUtc: new Date().toISOString(),
      ...event,
    }),
  });
}

/** What the relay asked of the sandbox while `work` ran: `GET /v1/customers/?email=…`, … */
export async function callsDuring(stack: Stack, work: () => Promise<unknown>): Promise<string[]> {
  const before = stack.sandbox.history.length;
  await work();
  return stack.sandbox.history.slice(before).map(({ method, path }) => `${method} ${path}`);
}

/** A record's id that no other test uses. */
export const newRecordId = (): string => `record/${randomUUID()}`;
