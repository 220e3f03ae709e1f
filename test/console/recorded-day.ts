import type { TableEntity, TransactionAction } from '@azure/data-tables';
import pLimit from 'p-limit';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { openKindOf } from '../../src/delivery/record/open-kind.ts';
import { packRequest } from '../../src/delivery/record/packed-request.ts';
import {
  type Attempt,
  type DeliveryRecord,
  describe,
  emptyRecord,
  type RecordedChange,
} from '../../src/delivery/record/record.ts';
import { type Row, rowsOfDelivery, transactionRows } from '../../src/delivery/store/delivery-rows.ts';
import { notedRow } from '../../src/delivery/store/noted-changes.ts';
import { openKeys } from '../../src/delivery/store/open-changes.ts';
import { openTable, openTables } from '../../src/delivery/store/open-tables.ts';
import { recordColumns } from '../../src/delivery/store/record-rows.ts';
import type { Change } from '../../src/domain/change.ts';

/** How a change of a recorded day ended, and how many of a thousand changes do so. */
interface Ending {
  readonly share: number;
  readonly source: string;
  readonly topic?: string;
  readonly news: Partial<DeliveryRecord>;
  readonly attempt: Omit<Attempt, 'at'>;
}

const shopify = { source: 'shopify', topic: 'customers/update' };
const woocommerce = { source: 'woocommerce', topic: 'customer.updated' };
const inHouse = { source: 'in-house' };
const applied = { outcome: 'applied', status: 200 };
const rejected = (message: string) => ({ outcome: 'rejected', status: 400, message });

/** Parked for seven causes: fifty of a thousand. */
export const parkedEndings: readonly Ending[] = [
  {
    share: 17,
    ...shopify,
    news: { reason: 'customer-not-found' },
    attempt: { outcome: 'customer-not-found', status: 404 },
  },
  { share: 11, ...shopify, news: { reason: 'rejected' }, attempt: rejected('EmailAddress is in use') },
  {
    share: 8,
    ...woocommerce,
    news: {
      reason: 'address-incomplete',
      violations: [{ path: 'PrimaryAddress.Region', message: 'is missing' }],
    },
    attempt: { outcome: 'address-incomplete' },
  },
  {
    share: 6,
    ...woocommerce,
    news: { reason: 'customer-not-found' },
    attempt: { outcome: 'customer-not-found' },
  },
  {
    share: 4,
    ...inHouse,
    news: {
      reason: 'unmappable',
      violations: [{ path: 'LanguageCode', message: 'must be a language (ISO 639-1)' }],
    },
    attempt: { outcome: 'unmappable' },
  },
  {
    share: 3,
    ...inHouse,
    news: { reason: 'rejected' },
    attempt: rejected('PostalCode does not fit the country'),
  },
  {
    share: 1,
    ...shopify,
    news: { reason: 'retries-exhausted' },
    attempt: { outcome: 'unavailable', reason: 'server-error', status: 503 },
  },
].map((ending) => ({ ...ending, news: { ...ending.news, status: 'parked' } }));

const endings: readonly Ending[] = [
  ...parkedEndings,
  { share: 545, ...shopify, news: { status: 'applied' }, attempt: applied },
  { share: 230, ...woocommerce, news: { status: 'applied' }, attempt: applied },
  { share: 85, ...inHouse, news: { status: 'applied' }, attempt: applied },
  {
    share: 22,
    ...shopify,
    news: { status: 'applied', leftOut: [{ path: 'PrimaryPhone', reason: 'is not a phone number' }] },
    attempt: applied,
  },
  {
    share: 8,
    ...woocommerce,
    news: { status: 'applied', leftOut: [{ path: 'BirthDate', reason: 'is not a date' }] },
    attempt: applied,
  },
  { share: 45, ...shopify, news: { status: 'unchanged' }, attempt: { outcome: 'unchanged' } },
  { share: 15, ...woocommerce, news: { status: 'stale' }, attempt: { outcome: 'stale' } },
];

const fieldsOf: readonly Change['fields'][] = [
  { FirstName: 'Robin', LastName: 'Sample', EmailAddress: 'robin@example.com' },
  { LastName: 'Sample-Reyes' },
  { PrimaryPhone: '+18015550142', TextPhone: '+18015550142' },
  {
    PrimaryAddress: {
      Street1: '1 Main Street',
      City: 'Lehi',
      Region: 'UT',
      PostalCode: '84043',
      CountryCode: 'US',
    },
  },
  { EmailAddress: 'robin.sample@example.com', LanguageCode: 'en' },
];

/**
 * Records deliveries as if they had come in the day before `now`: the rows that a relay would have left in its tables, many
 * at a time. The same count gives the same endings: of 10,000 there are 500 parked, for seven causes.
 */
export async function recordDay(env: NodeJS.ProcessEnv, deliveries: number, now: Date): Promise<void> {
  // They are created, if there are none.
  await openTables(env);
  const recorded = Array.from({ length: deliveries }, (_, index) => deliveryAt(index, deliveries, now));
  const records = recorded.map(({ change }) => change.record);
  const rowsOf = ({ change, headers, body }: Recorded): readonly Row[] =>
    rowsOfDelivery(
      [change],
      packRequest({ headers: new Headers(headers), body: Buffer.from(JSON.stringify(body)) }),
    ).head.rows;
  await Promise.all([
    writeRows('relaydeliveries', recorded.flatMap(rowsOf), env),
    writeRows('relayopen', records.flatMap(openRow), env),
    writeRows(
      'relaycustomers',
      records.map((record) => notedRow(record.customerId ?? '', { ...record, record })),
      env,
    ),
  ]);
}

function openRow(record: DeliveryRecord): Row[] {
  const kind = openKindOf(record);
  return kind ? [{ ...openKeys(record, kind), ...recordColumns(record), isConfirmed: true }] : [];
}

/** One transaction for up to a hundred rows of a partition. */
async function writeRows(name: string, rows: readonly Row[], env: NodeJS.ProcessEnv): Promise<void> {
  const table = await openTable(name, env);
  const limit = pLimit(8);
  const transactions = [...Map.groupBy(rows, ({ partitionKey }) => partitionKey).values()].flatMap((some) =>
    Array.from({ length: Math.ceil(some.length / transactionRows) }, (_, place) =>
      some.slice(place * transactionRows, (place + 1) * transactionRows),
    ),
  );
  const write = (some: readonly Row[]) =>
    table.submitTransaction(some.map((row): TransactionAction => ['create', row as TableEntity]));
  await Promise.all(transactions.map((some) => limit(write, some)));
}

interface Recorded {
  readonly change: RecordedChange;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What the sender had sent, so that a replay finds the change in it. */
function requestOf(source: string, change: Change): Omit<Recorded, 'change'> {
  if (source === 'in-house') return { headers: {}, body: change };
  const customerId = 'customerId' in change.customer ? change.customer.customerId : '';
  const { recordId, occurredAt, fields } = change;
  const body = {
    id: Number(recordId),
    first_name: fields.FirstName ?? 'Robin',
    last_name: fields.LastName ?? 'Sample',
    updated_at: occurredAt,
    date_modified_gmt: occurredAt?.slice(0, 19),
    metafields: [{ namespace: 'directscale', key: 'customer_id', value: customerId }],
    meta_data: [{ key: 'directscale_customer_id', value: customerId }],
  };
  return {
    headers: { 'x-shopify-topic': 'customers/update', 'x-wc-webhook-topic': 'customer.updated' },
    body,
  };
}

/** More by day than by night, UTC. */
const busyHours = [2, 1, 1, 1, 2, 3, 5, 8, 11, 13, 14, 13, 12, 14, 16, 17, 15, 13, 10, 8, 7, 6, 4, 3];
const hourMs = 3_600_000;

function deliveryAt(index: number, of: number, now: Date): Recorded {
  const receivedAt = timeAt((index + 0.5) / of, now);
  // Spread over the day: neighbours differ.
  const ending = endingAt((index * 617) % 1000);
  const customerId = String(20_000 + ((index * 7919) % 500));
  const occurredAt = new Date(receivedAt.getTime() - 900).toISOString();
  const fields = fieldsOf[index % fieldsOf.length] ?? {};
  const { source, topic, news, attempt } = ending;
  const recordId = `7${customerId}`;
  const change: Change = { customer: { customerId }, recordId, occurredAt, fields };
  const deliveryId = deliveryIdOf(receivedAt, deliveryIdentity(source, `recorded ${index}`));
  const at = new Date(receivedAt.getTime() + 180 + ((index * 37) % 900)).toISOString();
  const requestId = attempt.status === undefined ? {} : { requestId: deliveryId.slice(-16) };
  const record = {
    ...emptyRecord({ deliveryId, index: 0, source, topic }),
    ...describe(change),
    mapping: '2642c545e75d',
    attempts: [{ at, ...attempt, ...requestId }],
    ...news,
  };
  return { change: { record, change }, ...requestOf(source, change) };
}

/** The moment at which this share of a day's deliveries had come. */
function timeAt(share: number, now: Date): Date {
  const start = now.getTime() - 24 * hourMs;
  const weights = busyHours.map((_, hour) => busyHours[(new Date(start).getUTCHours() + hour) % 24] ?? 1);
  let left = share * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [hour, weight] of weights.entries()) {
    if (left <= weight) return new Date(start + (hour + left / weight) * hourMs - 1000);
    left -= weight;
  }
  return now;
}

function endingAt(place: number): Ending {
  let left = place;
  for (const ending of endings) {
    if (left < ending.share) return ending;
    left -= ending.share;
  }
  throw new Error('the shares of the endings are a thousand');
}
