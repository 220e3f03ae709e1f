import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';
import type { ChangesSince, PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import { isBefore } from '../shared/is-before.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { askPipedrive } from './api.ts';
import type { Options } from './options.ts';
import { type PersonChange, readPerson } from './person.ts';

/** Pipedrive's limits of a page, and of the custom fields that may be named. */
const pageSize = 500;
const maxFields = 15;

/** `cursor`: Pipedrive's word for where the next page begins. `last`: the last person of the page before. */
const placeSchema = z.strictObject({ cursor: z.string().max(2000), last: z.int() });
type Place = z.infer<typeof placeSchema>;

const time = z.iso.datetime({ offset: true }).nullish();
const personSchema = z.looseObject({
  id: z.int(),
  update_time: time,
  add_time: time,
  is_deleted: z.boolean().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
});
type Person = z.infer<typeof personSchema>;

const pageSchema = z.looseObject({
  data: z.array(personSchema).nullable(),
  additional_data: z.looseObject({ next_cursor: z.string().nullish() }).nullish(),
});

/**
 * Persons that changed, by `update_time`. https://developers.pipedrive.com/docs/api/v1/Persons#getPersons
 */
export const changesSince: ChangesSince<Options> = {
  // How late the list shows a change is not documented.
  lookBackMs: 2 * 60_000,

  async read(window, context): Promise<PageOfChanges> {
    const place = placeSchema.safeParse(window.at).data;
    const query = queryFor(window, place, context.options);
    const answer = await askPipedrive({ path: 'api/v2/persons', query }, context);
    if (answer.type !== 'answered') return answer;
    const page = pageSchema.safeParse(answer.payload).data;
    if (!page) return otherForm;
    const persons = page.data ?? [];
    const customers = persons.flatMap((person) => customersOf(person, context.options));
    if (customers.some(({ changedAt }) => isBefore(window, changedAt))) return filterIgnored;

    const cursor = page.additional_data?.next_cursor;
    const last = persons.at(-1)?.id;
    // The same person again: there is no other one.
    const isLast = !cursor || last === undefined || last === place?.last;
    return { type: 'page', customers, ...(!isLast && { next: { cursor, last } }) };
  },
};

function queryFor(
  { since, until }: Window,
  place: Place | undefined,
  { idField, fields }: Options,
): Record<string, string> {
  const keys = [...new Set([...(idField ? [idField] : []), ...Object.values(fields)])];
  return {
    sort_by: 'update_time',
    sort_direction: 'asc',
    limit: String(pageSize),
    // `updated_until` is the first second that is not meant.
    updated_until: seconds(new Date(until.getTime() + 1000)),
    ...(since && { updated_since: seconds(since) }),
    // The number of an option must not be taken for a value.
    include_option_labels: 'true',
    // More cannot be named: then all of them come.
    ...(keys.length > 0 && keys.length <= maxFields && { custom_fields: keys.join() }),
    ...(place && { cursor: place.cursor }),
  };
}

const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

function customersOf(person: Person, options: Options): ReadCustomer[] {
  if (person.is_deleted) return [];
  const recordId = String(person.id);
  const read = readPerson(withAddresses(person, options), undefined, options.idField, options.fields);
  if (typeof read === 'string') return [];
  const occurredAt = person.update_time ?? person.add_time ?? undefined;
  const payload: PersonChange = { recordId, ...(occurredAt && { occurredAt }), ...read };
  return [
    {
      recordId,
      ...(occurredAt && { changedAt: new Date(occurredAt).toISOString() }),
      payload: payload as unknown as JsonValue, // out of an answer, it is JSON
    },
  ];
}

/** An address that comes as its text only keeps that, so that what it lacks is told. */
function withAddresses(person: Person, { fields }: Options): Record<string, unknown> {
  const address = (value: unknown) => (typeof value === 'string' && value ? { value } : value);
  const { custom_fields: held, postal_address } = person;
  const ofAddresses = Object.entries(fields).flatMap(([name, key]): [string, unknown][] =>
    name.endsWith('_address') && held && Object.hasOwn(held, key) ? [[key, address(held[key])]] : [],
  );
  return {
    ...person,
    ...(postal_address !== undefined && { postal_address: address(postal_address) }),
    custom_fields: { ...held, ...Object.fromEntries(ofAddresses) },
  };
}
