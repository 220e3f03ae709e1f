import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { maria, mariaAsShopper, mariasAddress } from '../../fixtures/maria.ts';
import { sampleOptions, sender } from '../../fixtures/pipedrive/sender.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('pipedrive');
const sample = JSON.parse(await readFile('test/fixtures/pipedrive/person-change.json', 'utf8'));
const secretOf = (name: string) => sender.secret?.(name) ?? '';
const credentials = secretOf('pipedrive-webhook-credentials');

/** The sample as if it had been sent for this customer just now, as an event of its own. */
function newEvent({ data = {}, meta = {}, ...more }: Record<string, object> = {}) {
  const now = new Date().toISOString();
  const custom_fields = {
    ...sample.data.custom_fields,
    [sampleOptions.idField]: { type: 'double', value: Number(relay.customerId) },
  };
  return {
    ...sample,
    ...more,
    data: { ...sample.data, custom_fields, update_time: `${now.slice(0, 19)}Z`, ...data },
    meta: { ...sample.meta, id: randomUUID(), timestamp: now, ...meta },
  };
}

const headersOf = (body: string, secret: string) =>
  sender.headers(Buffer.from(body), secret, new Date(), new URL(relay.host.url));

function post(payload: unknown, secret = credentials, headers?: Record<string, string>): Promise<Response> {
  const body = JSON.stringify(payload);
  return relay.post('pipedrive', body, headers ?? headersOf(body, secret));
}

describe('a change of a person', () => {
  test('is accepted, and what changed arrives', async () => {
    const response = await post(newEvent());
    expect(response.status).toBe(202);
    expect(await relay.outcomeOf(response)).toMatchObject({ status: 'applied', topic: 'change.person' });
    expect(relay.patches()).toEqual([
      {
        ...mariaAsShopper,
        TextPhone: maria.TextPhone,
        BirthDate: maria.BirthDate,
        PrimaryAddress: mariasAddress,
        AssociateCustom: { Field1: 'gold' },
      },
    ]);
  });

  test('that comes again, as another attempt, does nothing; a value that comes back is sent', async () => {
    const name = (first_name: string, before: string) =>
      newEvent({ data: { first_name }, previous: { first_name: before } });
    const first = name('A', 'B');
    const { deliveryId } = await relay.outcomeOf(await post(first));
    const again = await post({ ...first, meta: { ...first.meta, attempt: 2 } });
    expect((await relay.outcomeOf(again)).deliveryId).toBe(deliveryId);
    await relay.outcomeOf(await post(name('B', 'A')));
    await relay.outcomeOf(await post(name('A', 'B')));
    expect(relay.patches()).toEqual([{ FirstName: 'A' }, { FirstName: 'B' }, { FirstName: 'A' }]);
  });

  test('clears what was emptied', async () => {
    const event = newEvent({
      data: { last_name: null, phones: [] },
      previous: { last_name: 'Jensen', phones: [{ value: '+18015550142', primary: true, label: 'work' }] },
    });
    expect((await relay.outcomeOf(await post(event))).status).toBe('applied');
    expect(relay.patches()).toEqual([{ LastName: '', PrimaryPhone: '' }]);
  });

  test('of somebody without the DirectScale id is parked', async () => {
    const event = newEvent({ data: { id: 9, custom_fields: {} }, previous: { first_name: 'Mary' } });
    const { changes } = await relay.outcomeOf(await post(event));
    expect(changes).toMatchObject([{ status: 'parked', reason: 'customer-not-found', recordId: '8' }]);
    expect(relay.sandbox.history.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  test('by a user that relay.json ignores is ignored', async () => {
    const response = await post(newEvent({ meta: { user_id: '777' } }));
    expect(await relay.outcomeOf(response)).toMatchObject({ status: 'ignored' });
  });
});

test.each([
  ['a deletion', { action: 'delete' }, 'person 8 was deleted in Pipedrive'],
  ['a merge into another', { action: 'delete', merged_to_id: '9' }, 'person 8 was merged into 9'],
  ['a merge with another', { merged_from_id: '9' }, 'person 8 took over 9 in a merge'],
])('%s is parked for a person', async (_, meta, note) => {
  const response = await post(newEvent({ meta }));
  expect(await relay.outcomeOf(response)).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'for-a-person', note }],
  });
  expect(relay.sandbox.history).toEqual([]);
});

test('other objects are acknowledged and ignored', async () => {
  for (const entity of ['deal', 'organization', 'note']) {
    const response = await post(newEvent({ meta: { entity } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ignored' });
  }
});

test('what is not authentic is refused', async () => {
  const { Authorization = '' } = headersOf('', credentials);
  const flipped = Authorization.replace(/.(=*)$/, (last) => (last.startsWith('A') ? 'B' : 'A'));
  const refused = [
    await post(newEvent(), `${credentials}x`),
    await post(newEvent(), credentials.replace('relay:', 'Relay:')),
    await post(newEvent(), '', { Authorization: flipped }),
    await post(newEvent(), '', { Authorization: Authorization.replace('Basic', 'Bearer') }),
    await post(newEvent(), '', {}),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(relay.sandbox.history).toEqual([]);
});

test('the second credentials of a rotation are accepted', async () => {
  const event = newEvent({ previous: { first_name: 'Mary' } });
  const response = await post(event, secretOf('pipedrive-webhook-credentials-next'));
  expect((await relay.outcomeOf(response)).status).toBe('applied');
});

test('what is no event is a 400', async () => {
  expect((await post({ hello: 1 })).status).toBe(400);
});
