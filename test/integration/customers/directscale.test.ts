import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import type { Stack } from '../../../local/stack.ts';
import { type DeliveryReport, outcomeOf } from '../relay-under-test.ts';
import {
  callsDuring,
  newRecordId,
  postEvent,
  send,
  someone,
  startRelayForCustomers,
} from './customer-tests.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelayForCustomers();
});
afterAll(() => stack?.stop());

const fields = { FirstName: 'Linked' };

/** Sends an event and waits until it is worked off: what it says holds for what is sent afterwards. */
async function tell(event: Readonly<Record<string, unknown>>, secret?: string): Promise<DeliveryReport> {
  const response = await postEvent(stack, event, secret);
  expect(response.status).toBe(200);
  return reportOf(stack, response);
}

describe("an event of DirectScale's", () => {
  test('is taken with the secret, or the next one, and recorded with what was done; it writes nothing', async () => {
    const { CustomerId, BackOfficeId } = someone(stack);
    const event = { AssociateId: CustomerId, BackOfficeId, FirstName: 'Event', ExternalReferenceId: '' };
    const calls = await callsDuring(stack, async () => {
      for (const secret of ['directscale-extension-secret', 'directscale-extension-secret-next']) {
        expect(await tell(event, localSecret(secret))).toMatchObject({
          status: 'ignored',
          source: 'directscale',
          changes: [{ status: 'ignored', reason: 'links looked through: 0 dropped' }],
        });
      }
    });
    expect(calls).toEqual([]);
  });

  test.each(['wrong', '', `${localSecret('directscale-extension-secret')}x`])(
    'is refused with the secret %o',
    async (secret) => expect((await postEvent(stack, { AssociateId: 1 }, secret)).status).toBe(401),
  );

  test.each([
    ['of another type', { EventType: 'OrderCreatedEvent' }, 200],
    ['without an associate', { AssociateId: undefined }, 400],
    ['with an id that is none', { AssociateId: -1 }, 400],
  ])('%s: %#', async (_, event, status) =>
    expect((await postEvent(stack, { AssociateId: 1, ...event })).status).toBe(status),
  );

  test('links the record whose id DirectScale holds as external reference: no look-up is needed', async () => {
    const { CustomerId } = someone(stack);
    const recordId = newRecordId();
    await tell({
      EventType: 'CreateAssociateEvent',
      AssociateId: CustomerId,
      ExternalReferenceId: recordId,
    });
    expect(await send(stack, { recordId, fields })).toMatchObject({
      status: 'applied',
      customerId: String(CustomerId),
    });
  });

  test('that is older than the link leaves it as it is', async () => {
    const [first, second] = [someone(stack), someone(stack)];
    const recordId = newRecordId();
    const event = (AssociateId: number, EventDateUtc: string) =>
      tell({ AssociateId, ExternalReferenceId: recordId, EventDateUtc });
    await event(first.CustomerId, '2026-11-20T12:00:00');
    await event(second.CustomerId, '2026-11-20T11:00:00');
    expect(await send(stack, { recordId, fields })).toMatchObject({ customerId: String(first.CustomerId) });
    await event(second.CustomerId, '2026-11-20T13:00:00');
    expect(await send(stack, { recordId, fields })).toMatchObject({ customerId: String(second.CustomerId) });
  });

  test('that gives a value to another customer drops what look-ups for it had linked', async () => {
    const first = someone(stack);
    const change = { customer: { backOfficeId: first.BackOfficeId }, recordId: newRecordId() };
    expect(await send(stack, { ...change, fields })).toMatchObject({ customerId: String(first.CustomerId) });

    const second = someone(stack, { BackOfficeId: first.BackOfficeId });
    first.BackOfficeId = 'another';
    // Her own event changes nothing: the record still is hers.
    await tell({ AssociateId: first.CustomerId, BackOfficeId: 'another' });
    expect(await send(stack, { ...change, fields })).toMatchObject({ customerId: String(first.CustomerId) });
    await tell({
      AssociateId: second.CustomerId,
      BackOfficeId: second.BackOfficeId.toLowerCase(),
    });
    expect(await send(stack, { ...change, fields })).toMatchObject({ customerId: String(second.CustomerId) });
  });
});
