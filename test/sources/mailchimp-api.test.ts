import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mailchimp } from '../../src/sources/mailchimp/mailchimp.ts';
import { type MailchimpStandIn, mailchimpMember, startMailchimpApi } from '../vendors/mailchimp.ts';
import { keptOf } from './keys.ts';
import { contextOf, readAll, readOne, shippedMapping } from './read-from-vendor.ts';

const at = (time: string) => new Date(`2026-11-20T${time}Z`);
const window = { since: at('10:00:00'), until: at('12:00:00') };
const url = new URL('https://relay.example.com/api/webhooks/mailchimp');
const wanted = { url, secretNames: ['mailchimp-secret'] };

let api: MailchimpStandIn;
beforeEach(async () => {
  api = await startMailchimpApi();
});
afterEach(() => api.close());

const context = (options: object = {}) =>
  contextOf(
    mailchimp,
    { api: { baseUrl: api.url, audience: 'c0ffee5da1', pageSize: 3 }, ...options },
    { 'mailchimp-api-key': 'a-token\n', 'mailchimp-secret': 'a-secret' },
  );

const add = (id: string, changed: string, changes: object = {}) =>
  api.customers.set(id, mailchimpMember(id, { last_changed: `2026-11-20T${changed}+00:00`, ...changes }));
const idsOf = (read: readonly { recordId: string }[]) => read.map(({ recordId }) => recordId);

/** Contacts c1 to cn, one changed each minute from 10:00 on, the newest first. */
function fill(count: number): string[] {
  for (let n = count; n >= 1; n--) add(`c${n}`, `10:${String(n - 1).padStart(2, '0')}:00`);
  return Array.from({ length: count }, (_, n) => `c${n + 1}`);
}

describe('contacts that changed', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'are read in the order of their changes, each once: %i',
    async (count) => {
      const all = fill(count);
      expect(idsOf(await readAll(mailchimp, window, context()))).toEqual(all);
    },
  );

  test('are those of the window, its ends included, and the reading goes on where it stopped', async () => {
    fill(7);
    const some = { since: at('10:01:00'), until: at('10:05:00') };
    expect(idsOf(await readAll(mailchimp, some, context()))).toEqual(['c2', 'c3', 'c4', 'c5', 'c6']);
    const first = await readOne(mailchimp, some, context());
    if (first.type !== 'page' || first.next === undefined) throw new Error('no next page');
    expect(idsOf(await readAll(mailchimp, { ...some, at: first.next }, context()))).toEqual(['c5', 'c6']);
  });

  test('more than a page of the same second, of whom one is saved meanwhile, hides nobody', async () => {
    for (let n = 1; n <= 9; n++) add(`c${n}`, '11:00:00');
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 3) add('c1', '12:30:00');
    };
    expect(new Set(idsOf(await readAll(mailchimp, window, context()))).size).toBe(9);
  });

  test('one who changes while the pages are read moves nobody else, and is read the next time', async () => {
    fill(6);
    let pages = 0;
    api.beforePage = () => {
      if (++pages === 2) add('c1', '12:30:00');
    };
    expect(idsOf(await readAll(mailchimp, window, context()))).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
    const nextTime = { since: at('11:58:00'), until: at('13:00:00') };
    expect(idsOf(await readAll(mailchimp, nextTime, context()))).toEqual(['c1']);
  });

  test('who is archived or has not confirmed her address is left out, and the walk goes on', async () => {
    fill(7);
    for (const id of ['c2', 'c3', 'c4']) add(id, '10:02:00', { status: 'archived' });
    add('c7', '10:07:00', { status: 'pending' });
    expect(idsOf(await readAll(mailchimp, window, context()))).toEqual(['c1', 'c5', 'c6']);
  });

  test('from before are told, not taken', async () => {
    const members = [mailchimpMember('c1', { last_changed: '2020-01-01T00:00:00+00:00' })];
    api.faults.push({ status: 200, body: { members, total_items: 1 } });
    expect(await readOne(mailchimp, window, context())).toMatchObject({ type: 'not-told' });
  });
});

test('a contact who is read makes the same change as the webhook of her profile', async () => {
  api.customers.set('5e7c1a90b2', mailchimpMember('5e7c1a90b2'));
  const [read] = await readAll(mailchimp, { until: at('23:00:00') }, context());
  const mapping = await shippedMapping(mailchimp);
  const webhook = keptOf(mailchimp, {}, await readFile('test/fixtures/mailchimp/profile.txt'));
  const { content } = mailchimp.read(webhook, context().options);
  const expected = content.type === 'changes' && (await mapping.map(content.payload, at('22:00:00')));
  expect(expected).toMatchObject({ ok: true, changes: [{ recordId: '5e7c1a90b2' }] });
  expect(await mapping.map(read?.payload, at('22:00:00'))).toEqual(expected);
});

describe('what Mailchimp answers instead', () => {
  test.each([
    [{ status: 429 }, { type: 'unavailable', status: 429 }],
    [{ status: 403 }, { type: 'unavailable', status: 403 }],
    [
      { status: 403, body: { title: 'Forbidden' } },
      { type: 'refused-by-vendor', status: 403 },
    ],
    [
      { status: 503, headers: { 'retry-after': '4' } },
      { type: 'unavailable', status: 503, retryAfterMs: 4000 },
    ],
    [
      { status: 404, body: {} },
      { type: 'refused-by-vendor', status: 404 },
    ],
    [{ status: 200, body: '<html>' }, { type: 'unavailable' }],
    [
      { status: 200, body: { members: [{}], total_items: 1 } },
      { type: 'not-told', reason: expect.any(String) },
    ],
  ])('%j', async (fault, expected) => {
    fill(1);
    api.faults.push(fault);
    expect(await readOne(mailchimp, window, context())).toEqual(expected);
    expect(await readAll(mailchimp, window, context())).toHaveLength(1);
  });

  test('a key that it does not take is refused', async () => {
    api.tokens.clear();
    expect(await readOne(mailchimp, window, context())).toEqual({ type: 'refused-by-vendor', status: 401 });
  });
});

test('without options.api nothing is asked', async () => {
  const nothing = contextOf(mailchimp, {}, {});
  expect(await readOne(mailchimp, window, nothing)).toMatchObject({ type: 'not-told' });
  expect(await mailchimp.subscription?.look(wanted, nothing)).toMatchObject({ type: 'not-told' });
});

describe('the webhook', () => {
  const byAddress = { authentication: 'url' };
  const look = (options: object = {}) => mailchimp.subscription?.look(wanted, context(options));
  const repair = (options: object = {}) => mailchimp.subscription?.repair(wanted, context(options));
  const good = {
    events: { profile: true, upemail: true, subscribe: false },
    sources: { user: true, admin: true, api: false },
  };
  const hook = (id: string, more: object = {}) =>
    api.subscriptions.set(id, { id, url: url.href, ...good, ...more });

  test('that is as it should be has no problem', async () => {
    hook('one', { events: {} });
    hook('two');
    expect(await look()).toEqual({ type: 'found', problems: [] });
    const withoutItsKey = 'the key in its address is none of the secrets of the source';
    expect(await look(byAddress)).toEqual({ type: 'found', problems: [withoutItsKey] });
    hook('three', { url: `${url.href}?key=a-secret` });
    expect(await look(byAddress)).toEqual({ type: 'found', problems: [] });
  });

  test('that does not send what the mapping needs is told, and corrected', async () => {
    hook('one', {
      events: { profile: false, upemail: true, subscribe: true },
      sources: { user: false, admin: true, api: false },
    });
    expect(await look()).toEqual({
      type: 'found',
      problems: ['the event profile is missing', 'changes by the user are not sent'],
    });
    expect(await repair()).toEqual({ type: 'found', problems: [] });
    expect(api.subscriptions.get('one')).toMatchObject({
      events: { profile: true, upemail: true, subscribe: true },
      sources: { user: true, admin: true, api: false },
    });
  });

  test('that is not there is left to a person, who alone is shown its signing secret', async () => {
    expect(await repair()).toEqual({ type: 'found', problems: ['the webhook is missing'] });
    expect(api.subscriptions.size).toBe(0);
  });

  test('with a secret in its address is made again', async () => {
    expect(await repair(byAddress)).toEqual({ type: 'found', problems: [] });
    expect([...api.subscriptions.values()]).toMatchObject([
      {
        url: 'https://relay.example.com/api/webhooks/mailchimp?key=a-secret',
        events: { profile: true, upemail: true, unsubscribe: true },
        sources: { user: true, admin: true },
      },
    ]);
  });

  test('with another key in its address is told without the key', async () => {
    hook('one', { url: `${url.href}?key=another` });
    expect(await look(byAddress)).toEqual({
      type: 'found',
      problems: ['the key in its address is none of the secrets of the source'],
    });
  });

  test('with another address is told, and left alone', async () => {
    hook('one', { url: 'https://other.example.com/', sources: { user: false } });
    const foreign = api.subscriptions.get('one');
    const problems = ['the webhook is missing here: it goes to another address'];
    expect(await look()).toEqual({ type: 'found', problems });
    expect(await repair()).toEqual({ type: 'found', problems });
    expect(api.subscriptions.get('one')).toBe(foreign);
  });
});
