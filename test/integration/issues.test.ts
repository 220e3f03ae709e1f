import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CountedStorage, countStorageCalls } from '../../bench/counting-proxy.ts';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { type Stack, type Surroundings, startSurroundings } from '../../local/stack.ts';
import { sumUpHours } from '../../src/delivery/operate/count-hours.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import type { DeliveryRecord } from '../../src/delivery/record/record.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import type { ActList, Issue, IssueList, IssueReplay } from '../../src/http/operator-answers.ts';
import { sideBySide } from '../../src/lib/side-by-side.ts';
import { recorded } from '../delivery/recorded.ts';
import { call, changesOf, functionKey, untilNothingIsPending } from './operator.ts';
import { newCustomer, outcomeOf, postCanonical, relayConfig, startRelay } from './relay-under-test.ts';

async function answerOf<Answer>(relayUrl: string, path: string, init?: RequestInit): Promise<Answer> {
  const response = await call(relayUrl, path, init);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Answer; // the test's own statement of what comes
}

describe('of 10,000 deliveries with 500 parked for 7 causes', () => {
  let surroundings: Surroundings;
  let storage: CountedStorage;
  let host: FunctionHost;
  const hour = 3_600_000;
  /** Has a third of them. */
  const busy = '2';
  const newest = Date.now() - 60_000;

  /** So many of each; each but `unmappable` of three customers. */
  const parked: readonly { readonly count: number; readonly news: Partial<DeliveryRecord> }[] = [
    { count: 200, news: { reason: 'rejected', attempts: [attempt('PostalCode 12345 must be valid')] } },
    { count: 120, news: { reason: 'rejected', attempts: [attempt('CountryCode must be valid')] } },
    { count: 80, news: { reason: 'customer-not-found', note: 'the record 17 is not linked' } },
    { count: 50, news: { reason: 'customer-not-found', source: 'crm' } },
    { count: 30, news: { reason: 'unmappable', violations: [{ path: '[2].fields', message: 'is none' }] } },
    { count: 15, news: { reason: 'retries-exhausted', attempts: [attempt(undefined)] } },
    { count: 5, news: { reason: 'poison' } },
  ];
  const phone = { leftOut: [{ path: 'PrimaryPhone', reason: 'is not a phone number' }] };

  function attempt(message: string | undefined) {
    return { at: '2026-11-23T12:00:00.000Z', outcome: 'unavailable', ...(message && { message }) };
  }

  beforeAll(async () => {
    surroundings = await startSurroundings({ relayConfig });
    const connection = surroundings.env.AzureWebJobsStorage ?? '';
    const tables = await openTables({ AzureWebJobsStorage: connection });
    const { records, states, links } = tables;
    const news: Partial<DeliveryRecord>[] = [
      ...parked.flatMap(({ count, news: of }) =>
        Array.from({ length: count }, () => ({ ...of, status: 'parked' as const })),
      ),
      ...Array.from({ length: 40 }, () => ({ ...phone, status: 'applied' as const })),
    ];
    const all = Array.from({ length: 10_000 }, (_, place) => {
      const receivedAt = new Date(newest - (place % 48) * hour - place);
      const deliveryId = deliveryIdOf(receivedAt, deliveryIdentity('test', String(place)));
      // Spread over the whole time.
      const of = place % 18 === 0 ? news[place / 18] : undefined;
      return recorded(deliveryId, { status: 'applied', customerId: String(1 + (place % 3)), ...of });
    });
    const byHour = Map.groupBy(all, ({ record }) => record.receivedAt.slice(0, 13)).values();
    for (const some of byHour) await Promise.all(some.map((change) => records.create([change])));
    const ofOne = all.filter(({ record }) => record.customerId === busy && record.status === 'applied');
    await sideBySide(ofOne.slice(0, 1000), 50, ({ record }) =>
      states.note(busy, { deliveryId: record.deliveryId, index: 0, record }),
    );
    const since = new Date(newest).toISOString();
    const linked = Array.from({ length: 300 }, (_, record) => {
      const customerId = record < 9 ? busy : String(20_000 + record);
      return { source: 'crm', recordId: `r-${record}`, customerId, origin: 'operator' as const, since };
    });
    await links.set(linked);
    storage = await countStorageCalls(connection);
    const env = { ...surroundings.env, AzureWebJobsStorage: storage.connectionString };
    host = await startFunctionHost({ functionKey, env });
    // As each hour: what is shown by hour is counted before anybody asks.
    await sumUpHours(tables, new Date());
    // The first calls open the tables.
    for (const path of ['issues', 'sources', 'health/details']) await (await call(host.url, path)).text();
  }, 120_000);
  afterAll(async () => {
    await host?.stop();
    await storage?.close();
    await surroundings?.stop();
  });

  /** The calls to tables that a request makes. */
  async function callsFor(path: string): Promise<number> {
    const before = { ...storage.calls };
    await (await call(host.url, path)).text();
    const { tables, pauses } = storage.calls;
    return tables - before.tables + pauses - before.pauses;
  }

  test('the list of issues is right, those with the most changes first', async () => {
    const { issues, countedSince } = await answerOf<IssueList>(host.url, 'issues');
    expect(countedSince).toBeUndefined();
    expect(
      issues.map(({ kind, source, reason, path, changes }) => [kind, source, reason, path, changes]),
    ).toEqual([
      ['parked', 'shop', 'rejected', undefined, 200],
      ['parked', 'shop', 'rejected', undefined, 120],
      ['parked', 'shop', 'customer-not-found', undefined, 80],
      ['parked', 'crm', 'customer-not-found', undefined, 50],
      ['left-out', 'shop', 'is not a phone number', 'PrimaryPhone', 40],
      ['parked', 'shop', 'unmappable', 'fields', 30],
      ['parked', 'shop', 'retries-exhausted', undefined, 15],
      ['parked', 'shop', 'poison', undefined, 5],
    ]);
    expect(issues.map(({ words }) => words)).toEqual([
      'PostalCode # must be valid',
      'CountryCode must be valid',
      undefined,
      undefined,
      undefined,
      'is none',
      'unavailable',
      undefined,
    ]);
    expect(issues.every(({ customers, first, last }) => customers > 0 && first <= last)).toBe(true);
    expect(new Set(issues.map(({ id }) => id)).size).toBe(issues.length);
  });

  test.each([
    'issues',
    'issues?source=crm&status=open',
    'deliveries',
    'deliveries?status=parked',
    'deliveries?status=parked&reason=rejected&limit=500',
    'deliveries?status=pending',
    'deliveries?source=crm',
    'deliveries?field=FirstName',
    'deliveries?field=BirthDate',
    'deliveries?record=nobody',
    'deliveries?leftOut=true',
    `deliveries?customer=${busy}`,
    `deliveries?customer=${busy}&limit=500`,
    `deliveries?customer=${busy}&status=stale`,
    `deliveries?customer=${busy}&since=${new Date(newest - 10 * hour).toISOString()}`,
    'links',
    'links?source=crm',
    `links?customer=${busy}`,
    'acts',
    'acts?act=replay',
    'pauses',
    'sources',
    'counts?hours=48',
  ])('%s takes at most 5 storage calls', async (path) => {
    expect(await callsFor(path)).toBeLessThanOrEqual(5);
  });

  test('a dry run says how much would be replayed, and replays nothing', async () => {
    const { issues } = await answerOf<IssueList>(host.url, 'issues');
    const answer = await answerOf<IssueReplay>(host.url, `issues/${issues[1]?.id}/replay?dryRun=true`, {
      method: 'POST',
    });
    expect(answer).toMatchObject({ isDryRun: true, deliveries: 120, changes: 120, notReplayed: 0 });
    expect(await answerOf<IssueList>(host.url, 'issues')).toEqual({ issues });
  });

  test('what is muted is not among the open ones, until it is shown again', async () => {
    const { issues } = await answerOf<IssueList>(host.url, 'issues');
    const id = issues[0]?.id ?? '';
    const ids = async (status: string) =>
      (await answerOf<IssueList>(host.url, `issues?status=${status}`)).issues.map((issue) => issue.id);
    const headers = { 'x-relay-operator': encodeURIComponent('Łucja') };
    expect((await call(host.url, `issues/${id}/mute`, { method: 'PUT', headers })).status).toBe(204);
    expect(await ids('muted')).toEqual([id]);
    expect(await ids('open')).not.toContain(id);
    expect((await call(host.url, `issues/${id}/mute`, { method: 'DELETE', headers })).status).toBe(204);
    expect(await ids('open')).toContain(id);
    expect(await ids('muted')).toEqual([]);
    const { acts } = await answerOf<ActList>(host.url, 'acts?limit=2');
    expect(acts).toMatchObject([
      { act: 'unmute', subject: `issue ${id}`, by: 'Łucja', signedIn: false },
      { act: 'mute', subject: `issue ${id}`, by: 'Łucja', signedIn: false },
    ]);
  });
});

describe('an issue', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startRelay();
  });
  afterAll(() => stack?.stop());

  const send = async (customerId: string, fields: object) =>
    outcomeOf(stack, await postCanonical(stack, { customer: { customerId }, fields }));
  const issueOf = async (reason: string): Promise<Issue | undefined> =>
    (await answerOf<IssueList>(stack.host.url, 'issues')).issues.find((issue) => issue.reason === reason);
  const replayed = (id = ''): Promise<IssueReplay> =>
    answerOf(stack.host.url, `issues/${id}/replay`, { method: 'POST' });

  test('is replayed by itself: those of other causes stay as they are', async () => {
    const [late, gone] = ['99999991', '99999992'];
    await send(late, { FirstName: 'Ada' });
    await send(gone, { FirstName: 'Bo' });
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ status: 400, match: { customerId, field: 'FirstName' } });
    const refused = await send(customerId, { FirstName: 'Cy' });
    expect(refused).toMatchObject({ status: 'parked', changes: [{ reason: 'rejected' }] });

    const model = stack.sandbox.customers.get(customerId);
    if (!model) throw new Error('the sandbox lost its customer');
    stack.sandbox.customers.set(late, structuredClone(model));
    const issue = await issueOf('customer-not-found');
    expect(issue).toMatchObject({ kind: 'parked', changes: 2, customers: 2 });
    expect(await replayed(issue?.id)).toMatchObject({ isDryRun: false, deliveries: 2, changes: 2 });
    await untilNothingIsPending(stack.host.url);
    expect(await issueOf('customer-not-found')).toMatchObject({ id: issue?.id, changes: 1, customers: 1 });
    expect(await issueOf('rejected')).toMatchObject({ changes: 1 });
    const [change] = await changesOf(stack.host.url, { customer: customerId });
    expect(change).toMatchObject({ status: 'parked', reason: 'rejected' });
  });

  test('of a field that was left out ends when the field can be used', async () => {
    const customerId = newCustomer(stack);
    const { deliveryId } = await send(customerId, { FirstName: 'Di', EmailAddress: 'at home' });
    const leftOut = async () =>
      (await answerOf<IssueList>(stack.host.url, 'issues')).issues.filter(({ kind }) => kind === 'left-out');
    const [issue] = await leftOut();
    expect(issue).toMatchObject({ source: 'in-house', path: 'EmailAddress', changes: 1, customers: 1 });
    expect(JSON.stringify(issue)).not.toContain('at home');
    const listed = await changesOf(stack.host.url, { leftOut: 'true', field: 'EmailAddress' });
    expect(listed).toMatchObject([{ deliveryId, status: 'applied' }]);
    // The mapping is as it was: it is left out again.
    expect(await replayed(issue?.id)).toMatchObject({ deliveries: 1 });
    await untilNothingIsPending(stack.host.url);
    expect(await leftOut()).toEqual([issue]);
    await call(stack.host.url, `customers/${customerId}/deliveries`, { method: 'DELETE' });
    expect(await leftOut()).toEqual([]);
  });

  test('that is none is told', async () => {
    const answer = await call(stack.host.url, 'issues/nothing/replay', { method: 'POST' });
    expect(answer.status).toBe(422);
    expect(await replayed('parked-0123456789abcdef')).toMatchObject({ deliveries: 0, changes: 0 });
  });
});
