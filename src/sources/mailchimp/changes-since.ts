import * as z from 'zod';
import type { JsonValue } from '../../lib/json.ts';
import type { ChangesSince, ReadCustomer } from '../changes-since.ts';
import { filterIgnored, otherForm } from '../shared/not-told.ts';
import { boundsOf, type ListPage, type Place, placeOf, takePage } from '../shared/walk-by-time.ts';
import { askMailchimp } from './api.ts';
import { eventWith } from './event.ts';
import type { Options } from './options.ts';

const memberSchema = z.object({
  unique_email_id: z.string().min(1),
  email_address: z.string(),
  status: z.string(),
  merge_fields: z.record(z.string(), z.json()).catch({}),
  last_changed: z.iso.datetime({ offset: true }),
});
type Member = z.infer<typeof memberSchema>;

const answerSchema = z.object({ members: z.array(memberSchema), total_items: z.int().nonnegative() });

interface MemberRow {
  readonly recordId: string;
  readonly changedAt: string;
  readonly member: Member;
}

/** Who is not in the audience any more, or has not confirmed her address yet. */
const outside: ReadonlySet<string> = new Set(['archived', 'pending']);

const fieldsAsked = ['unique_email_id', 'email_address', 'status', 'merge_fields', 'last_changed'];

/**
 * Contacts by `last_changed`. https://mailchimp.com/developer/marketing/api/list-members/list-members-info/
 * Whether the bounds are included is not documented: they are asked for a second wider.
 */
export const changesSince: ChangesSince<Options> = {
  lookBackMs: 2 * 60_000,

  async read(window, context) {
    const { api } = context.options;
    const place = placeOf(window);
    const size = api?.pageSize ?? 0;
    const answer = await askMailchimp(pathFor(place, window.until, size), context);
    if (answer.type !== 'answer') return answer;
    const said = answerSchema.safeParse(answer.payload).data;
    if (!said) return otherForm;
    const offset = (place.page - 1) * size;
    const page: ListPage<MemberRow> = {
      rows: said.members.map((member) => ({
        recordId: member.unique_email_id,
        changedAt: member.last_changed,
        member,
      })),
      hasMore: offset + said.members.length < said.total_items,
      total: said.total_items,
    };
    const taken = takePage(place, page, window.until);
    if (!taken) return filterIgnored;
    const customers = taken.fresh
      .filter(({ member }) => !outside.has(member.status))
      .map((row): ReadCustomer => {
        const { recordId, changedAt, member } = row;
        return { recordId, changedAt, payload: payloadOf(member, context.options) };
      });
    return { type: 'page', customers, ...(taken.next && { next: { ...taken.next } }) };
  },
};

function pathFor(place: Place, end: Date, count: number): string {
  const { from, until } = boundsOf(place, end);
  const query = new URLSearchParams({
    ...(from !== undefined && { since_last_changed: from }),
    before_last_changed: until,
    sort_field: 'last_changed',
    sort_dir: 'ASC',
    count: String(count),
    offset: String((place.page - 1) * count),
    fields: [...fieldsAsked.map((name) => `members.${name}`), 'total_items'].join(),
  });
  return `members?${query}`;
}

/** A contact in the form of the webhook of a changed profile, in which every value is text. */
function payloadOf(member: Member, options: Options): JsonValue {
  const { unique_email_id, email_address, merge_fields, last_changed } = member;
  const merges = Object.fromEntries(
    Object.entries({ EMAIL: email_address, ...merge_fields }).map(([tag, value]) => [
      tag,
      typeof value === 'number' ? String(value) : value,
    ]),
  );
  const event = {
    type: 'profile',
    fired_at: last_changed,
    data: { id: unique_email_id, list_id: options.api?.audience, email: email_address, merges },
  };
  return eventWith(event, last_changed, options) as unknown as JsonValue; // made of JSON
}
