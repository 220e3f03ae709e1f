import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { maria, mariasAddress } from '../../fixtures/maria.ts';
import type { DeliveryReport } from '../relay-under-test.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('mailchimp');

/** A fixture as if it had been sent for this customer just now, about another contact each time. */
async function sample(name: string, changes: Record<string, string> = {}): Promise<string> {
  const form = new URLSearchParams(await readFile(`test/fixtures/mailchimp/${name}.txt`, 'utf8'));
  form.set('fired_at', new Date().toISOString().slice(0, 19).replace('T', ' '));
  form.set(form.has('data[new_id]') ? 'data[new_id]' : 'data[id]', randomUUID().slice(0, 10));
  if (form.has('data[merges][DSID]')) form.set('data[merges][DSID]', relay.customerId);
  for (const [name, value] of Object.entries(changes)) form.set(name, value);
  return form.toString();
}

interface Signing {
  readonly secret?: string;
  /** Unix seconds. */
  readonly time?: number;
}

function signatureOf(
  body: string,
  { secret = localSecret('mailchimp-signing-secret'), time = Math.floor(Date.now() / 1000) }: Signing = {},
): string {
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
}

function postTo(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return relay.post(path, body, {
    'Content-Type': 'application/x-www-form-urlencoded',
    'User-Agent': 'MailChimp',
    ...headers,
  });
}

const post = (body: string, signing: Signing = {}, signature = signatureOf(body, signing)) =>
  postTo('mailchimp', body, { 'X-Mailchimp-Signature': signature });

const withKey = (name: string) => `mailchimp-url?key=${encodeURIComponent(localSecret(name))}`;

/** What became of a delivery that was answered exactly 200, as Mailchimp wants it. */
async function outcomeOf(response: Response): Promise<DeliveryReport> {
  expect([response.status, await response.text()]).toEqual([200, '']);
  return relay.reportOf(response);
}

const person = { FirstName: 'Maria', LastName: 'Jensen', EmailAddress: 'maria.jensen@example.com' };

test('a signed change of a profile is answered 200, and its fields arrive', async () => {
  expect(await outcomeOf(await post(await sample('profile')))).toMatchObject({
    status: 'applied',
    topic: 'profile',
    changes: [{ customerId: relay.customerId, status: 'applied' }],
  });
  expect(relay.patches()).toEqual([
    {
      ...maria,
      PrimaryAddress: mariasAddress,
      DefaultShippingAddress: { ...mariasAddress, Street2: '' },
      AssociateCustom: { Field1: 'gold' },
    },
  ]);
  expect(relay.sandbox.customers.get(relay.customerId)).toMatchObject({
    ...person,
    PrimaryAddress: mariasAddress,
  });
});

test('the same event again, signed anew, does nothing', async () => {
  const body = await sample('profile');
  const first = await post(body);
  await outcomeOf(first);
  const again = await post(body, { time: Math.floor(Date.now() / 1000) - 5 });
  expect((await outcomeOf(again)).deliveryId).toBe(await relay.deliveryIdOf(first));
  expect(relay.patches()).toHaveLength(1);
});

test('the second secret of a rotation is accepted', async () => {
  const secret = localSecret('mailchimp-signing-secret-next');
  expect((await post(await sample('profile'), { secret })).status).toBe(200);
});

test('what is not authentic is refused, and nothing is called', async () => {
  const body = await sample('profile');
  const signature = signatureOf(body);
  const now = Math.floor(Date.now() / 1000);
  const flipped = signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const refused = [
    await post(body.replace('Maria', 'Marie'), {}, signature),
    await post(body, {}, flipped),
    await post(
      body,
      {},
      signature.replace(/^t=(\d+)/, (_, t) => `t=${Number(t) + 1}`),
    ),
    await post(body, { time: now - 330 }),
    await post(body, { time: now + 330 }),
    await post(body, { secret: localSecret('mailchimp-url-secret') }),
    await postTo('mailchimp', body),
    await postTo(`mailchimp?key=${encodeURIComponent(localSecret('mailchimp-signing-secret'))}`, body),
    await postTo('mailchimp-url', body),
    await postTo('mailchimp-url?key=', body),
    await postTo('mailchimp-url?key=another', body),
    await postTo('mailchimp-url', body, { 'X-Mailchimp-Signature': signature }),
  ];
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401));
  expect(relay.sandbox.history).toEqual([]);
});

test('the check when the webhook is made is answered 200; by a secret in the address only to that secret', async () => {
  const check = async (path: string) => (await fetch(`${relay.host.url}/api/webhooks/${path}`)).status;
  expect(await check('mailchimp')).toBe(200);
  expect(await check(withKey('mailchimp-url-secret'))).toBe(200);
  expect(await check('mailchimp-url')).toBe(401);
  expect(await check('mailchimp-url?key=another')).toBe(401);
});

test.each(['mailchimp-url-secret', 'mailchimp-url-secret-next'])(
  'an unsigned webhook is known by %s in its address',
  async (name) => {
    expect(await outcomeOf(await postTo(withKey(name), await sample('subscribe')))).toMatchObject({
      status: 'applied',
      topic: 'subscribe',
    });
    expect(relay.patches()).toEqual([person]);
  },
);

test('another address of mail finds the customer by the old one, where relay.json allows it', async () => {
  const changes = {
    'data[old_email]': `mary.larsen.${relay.customerId}@example.com`,
    'data[new_email]': `mary+${relay.customerId}@example.com`,
  };
  const body = await sample('upemail', changes);
  expect(await outcomeOf(await postTo(withKey('mailchimp-url-secret'), body))).toMatchObject({
    status: 'applied',
    changes: [{ customerId: relay.customerId }],
  });
  expect(relay.patches()).toEqual([{ EmailAddress: changes['data[new_email]'] }]);
  // By default it waits for a person: in an audience, anybody may have the address of somebody else.
  expect(await outcomeOf(await post(await sample('upemail', changes)))).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'customer-not-found' }],
  });
});

test('a contact who was deleted is parked for a person', async () => {
  expect(await outcomeOf(await post(await sample('unsubscribe.delete')))).toMatchObject({
    status: 'parked',
    changes: [{ reason: 'for-a-person' }],
  });
  expect(relay.sandbox.history).toEqual([]);
});

test.each(['subscribe', 'unsubscribe', 'cleaned', 'campaign'])(
  '%s is answered 200 and ignored',
  async (name) => {
    const response = await post(await sample(name));
    expect(await outcomeOf(response)).toMatchObject({ status: 'ignored', topic: name });
    expect(relay.sandbox.history).toEqual([]);
  },
);

test('a body that is signed, but no event: 400', async () => {
  expect((await post('{"type":"profile"}')).status).toBe(400);
});
