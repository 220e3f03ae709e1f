import * as z from 'zod';
import type { ChangesSince, PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { isBefore } from '../shared/is-before.ts';
import { filterIgnored, otherForm, withoutApi } from '../shared/not-told.ts';
import { bounded, customerIdIn, type RecordChange } from '../shared/record-change.ts';
import { isMapped } from './mapped-fields.ts';
import type { Options } from './options.ts';
import { type Api, askSalesforce } from './rest-api.ts';

/** Fewer than the 2,000 that Salesforce allows: a page is one answer. */
const pageSize = 500;

const apiName = z.string().regex(/^\w{1,80}$/);
const recordId = z.string().regex(/^[A-Za-z0-9]{15,18}$/);
/** `2026-11-20T21:03:22.000+0000` */
const stamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/)
  .transform((text) => new Date(text.replace(/(\d\d)(\d\d)$/, '$1:$2')))
  .refine((time) => !Number.isNaN(time.getTime()));

/** The objects that are still to be read, with the fields of each, and after which record of the first one. */
const placeSchema = z.strictObject({
  objects: z
    .array(z.strictObject({ name: apiName, fields: z.array(apiName), decimals: z.array(apiName) }))
    .min(1),
  after: z.strictObject({ stamp: z.iso.datetime(), id: recordId }).exactOptional(),
});
type Place = z.infer<typeof placeSchema>;

const describeSchema = z.looseObject({
  fields: z.array(z.looseObject({ name: apiName, type: z.string() })),
});
/** Types whose whole numbers an outbound message writes with a decimal point: `7.0`. */
const decimalTypes = new Set(['double', 'currency', 'percent']);
const rowSchema = z.looseObject({ Id: recordId, SystemModstamp: stamp });
type Row = z.infer<typeof rowSchema>;
const pageSchema = z.looseObject({ done: z.boolean(), records: z.array(rowSchema) });

/**
 * Records that changed, by SOQL, one object after the other. `SystemModstamp` counts seconds, and mass updates give thousands of
 * records the same one: a page begins after the stamp and the id of the last record.
 * https://developer.salesforce.com/docs/platform/api-rest/guide/resources_query.htm
 */
export const changesSince: ChangesSince<Options> = {
  // A record becomes visible when its transaction ends, with the stamp of when it was written.
  lookBackMs: 10 * 60_000,

  async read(window, context): Promise<PageOfChanges> {
    const { api } = context.options;
    if (!api) return withoutApi;
    const place = placeSchema.safeParse(window.at).data ?? (await firstPlace(api, context));
    if ('type' in place) return place;
    const [object] = place.objects;
    if (!object) return { type: 'page', customers: [] };

    const query = { q: soql(object, place.after, window) };
    const answer = await askSalesforce(api, 'query', query, context);
    if (answer.type !== 'answered') return answer;
    const page = pageSchema.safeParse(answer.payload).data;
    if (!page) return otherForm;
    const customers = page.records.map((row) => customerOf(object, row, context.options));
    if (customers.some(({ changedAt }) => isBefore(window, changedAt)) || isReadAgain(page.records, place))
      return filterIgnored;

    const isMore = !page.done || page.records.length >= pageSize;
    const next = nextPlace(place, isMore ? page.records.at(-1) : undefined);
    return { type: 'page', customers, ...(next && { next }) };
  },
};

/** Whether records of the page before come again: then the query was not made as it was asked for, and others would be left out. */
function isReadAgain(rows: readonly Row[], { after }: Place): boolean {
  if (!after) return false;
  return rows.some(({ Id, SystemModstamp }) => {
    const stamp = SystemModstamp.toISOString();
    // Ids are not compared by order: Salesforce's own, of upper and lower case, is not documented.
    return stamp < after.stamp || (stamp === after.stamp && Id === after.id);
  });
}

/** After a record of the first object; where the next object begins if there is no other record of it. */
function nextPlace({ objects }: Place, last: Row | undefined): Place | undefined {
  if (last) return { objects, after: { stamp: last.SystemModstamp.toISOString(), id: last.Id } };
  const others = objects.slice(1);
  return others.length > 0 ? { objects: others } : undefined;
}

/** Asks which fields the user may read: a query that names another one fails as a whole. */
async function firstPlace(
  api: Api,
  context: FetchContext<Options>,
): Promise<Place | VendorFailure | typeof otherForm> {
  const { objects: names, idField } = context.options;
  const objects: Place['objects'] = [];
  for (const name of names) {
    const answer = await askSalesforce(api, `sobjects/${name}/describe`, {}, context);
    if (answer.type !== 'answered') return answer;
    const described = describeSchema.safeParse(answer.payload).data;
    if (!described) return otherForm;
    const wanted = new Set([idField, 'Name', 'IsPersonAccount', 'LastModifiedById', ...api.fields]);
    const fields = described.fields.filter(({ name: field }) => wanted.has(field) || isMapped(field));
    objects.push({
      name,
      fields: fields.map(({ name: field }) => field),
      decimals: fields.flatMap(({ name: field, type }) => (decimalTypes.has(type) ? [field] : [])),
    });
  }
  return { objects };
}

function soql(
  { name, fields }: Place['objects'][number],
  after: Place['after'],
  { since, until }: Window,
): string {
  const from = after
    ? `((SystemModstamp = ${literal(after.stamp)} AND Id > '${after.id}') OR SystemModstamp > ${literal(after.stamp)})`
    : since && `SystemModstamp >= ${literal(since)}`;
  const where = [from, `SystemModstamp <= ${literal(until)}`].filter(Boolean).join(' AND ');
  const columns = [...new Set(['Id', 'SystemModstamp', ...fields])].join(', ');
  return `SELECT ${columns} FROM ${name} WHERE ${where} ORDER BY SystemModstamp, Id LIMIT ${pageSize}`;
}

/** In whole seconds, as Salesforce's stamps are, unless there is more. */
const literal = (time: Date | string): string => new Date(time).toISOString().replace('.000Z', 'Z');

/** As an outbound message tells it: texts, and nothing of what is empty. */
function customerOf(
  { name: object, decimals }: Place['objects'][number],
  row: Row,
  { idField }: Options,
): ReadCustomer {
  const { Id, SystemModstamp, attributes: _, ...columns } = row;
  const changedAt = SystemModstamp.toISOString();
  const told = Object.entries(columns).flatMap(([name, value]): [string, string][] => {
    const isWhole = decimals.includes(name) && Number.isInteger(value);
    const text = isWhole ? `${value}.0` : textOf(value);
    return text.trim() === '' ? [] : [[name, text]];
  });
  const fields = { ...Object.fromEntries(told), SystemModstamp: changedAt };
  const changedBy = textOf(columns.LastModifiedById);
  const payload: RecordChange = {
    object,
    recordId: Id,
    ...customerIdIn(textOf(columns[idField])),
    occurredAt: changedAt,
    ...(changedBy && { changedBy }),
    fields,
    changed: Object.keys(fields),
    snapshot: true,
  };
  return { recordId: Id, changedAt, payload };
}

function textOf(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? bounded(String(value)) : '';
}
