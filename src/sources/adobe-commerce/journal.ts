import * as z from 'zod';
import type { PageOfChanges, ReadCustomer, Window } from '../changes-since.ts';
import { isForAPerson, readElement } from '../delivery-item.ts';
import type { FetchContext } from '../fetch-context.ts';
import { failureOf } from '../shared/call-vendor.ts';
import { type CloudEvent, eventOf } from '../shared/cloudevents-http.ts';
import { otherForm } from '../shared/not-told.ts';
import { isFailure } from '../shared/with-token.ts';
import { customerEvent } from './event-names.ts';
import { callAsProject } from './ims.ts';
import type { Options } from './options.ts';

const hourMs = 3_600_000;
/** How long Adobe keeps events. */
export const journalKeptMs = 7 * 24 * hourMs;

/** Where the next page begins: after the event at a position, which Adobe names. Absent: at the beginning. */
const placeSchema = z.object({
  journal: z.string().max(1000).exactOptional(),
  isOldest: z.boolean().exactOptional(),
});

const answerSchema = z.object({
  events: z.array(z.object({ event: z.unknown() })),
  _page: z.object({ last: z.string().min(1).max(1000) }),
});

const valueSchema = z.object({
  data: z.object({
    value: z.looseObject({
      id: z.union([z.string(), z.number()]).optional(),
      customer_id: z.union([z.string(), z.number()]).optional(),
      country_id: z.unknown().optional(),
    }),
  }),
});

/** Whether a page of the journal is meant. */
export const isJournalPlace = (at: Window['at']): boolean =>
  typeof at === 'object' && at !== null && ('journal' in at || 'isOldest' in at);

/** The place where the journal begins. */
export const journalStart = { isOldest: true };

/**
 * Events of customers and their addresses, as they were sent: also those that found the registration switched off. Their order is
 * not promised; events after the window end the reading. https://developer.adobe.com/events/docs/guides/api/journaling-api/
 */
export async function readJournal(
  window: Window,
  journal: NonNullable<Options['journal']>,
  context: FetchContext<Options>,
): Promise<PageOfChanges> {
  const place = placeSchema.safeParse(window.at).data ?? {};
  const url = new URL(journal.url);
  url.searchParams.set('limit', String(journal.pageSize));
  // The address of the next page comes with the answer; of it only the position is taken, as no address of others is called.
  if (place.journal !== undefined) url.searchParams.set('since', place.journal);
  else if (window.since && !place.isOldest) url.searchParams.set('seek', `-PT${hoursSince(window.since)}H`);
  const headers = { Accept: 'application/json', 'x-ims-org-id': journal.imsOrganization };
  const answer = await callAsProject(url, context, { headers });
  if (isFailure(answer)) return answer;
  // Nothing newer (yet).
  if (answer.status === 204) return { type: 'page', customers: [] };
  // The position is older than what Adobe keeps: what is left begins at the oldest event.
  if (answer.status === 410 && place.journal !== undefined)
    return { type: 'page', customers: [], next: journalStart };
  if (answer.status !== 200 || answer.payload === undefined) return failureOf(answer);
  const said = answerSchema.safeParse(answer.payload).data;
  const events = said && eventsIn(said.events.map(({ event }) => event));
  if (!said || !events) return otherForm;

  const isOver = events.every(({ time }) => time !== undefined && Date.parse(time) > window.until.getTime());
  const isRepeated = said._page.last === place.journal;
  const customers = events
    .filter((event) => isIn(window, event) && isTaken(event, context.options))
    .map(customerOf);
  const next = !isOver && !isRepeated && { next: { journal: said._page.last } };
  return { type: 'page', customers, events: 'oldest-first', ...next };
}

const hoursSince = (since: Date): number => Math.max(1, Math.ceil((Date.now() - since.getTime()) / hourMs));

/** Undefined: not in the form of CloudEvents, which is the one that the source takes. */
function eventsIn(json: readonly unknown[]): CloudEvent[] | undefined {
  const events = json.map((each, index) => readElement(eventOf, each, index));
  return events.some(isForAPerson)
    ? undefined
    : events.flatMap((event) => (isForAPerson(event) ? [] : event));
}

function isIn({ since, until }: Window, { time }: CloudEvent): boolean {
  if (time === undefined) return true;
  return Date.parse(time) <= until.getTime() && (!since || Date.parse(time) >= since.getTime());
}

const isTaken = ({ type }: CloudEvent, { types }: Options): boolean =>
  types ? types.includes(type) : customerEvent.test(type);

/** An event of an address names its customer beside its own id. */
function customerOf(event: CloudEvent): ReadCustomer {
  const { id, customer_id, country_id } = valueSchema.safeParse(event).data?.data.value ?? {};
  const recordId = country_id === undefined ? id : customer_id;
  return {
    recordId: String(recordId ?? event.id),
    ...(event.time !== undefined && { changedAt: event.time }),
    payload: [event] as unknown as ReadCustomer['payload'], // out of JSON
  };
}
