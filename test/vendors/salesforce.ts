import { type Answer, type StandIn, type StartsWith, startStandIn } from './stand-in.ts';

/** A record with the values of all of its fields. */
export interface SalesforceRecord {
  readonly type: 'Contact' | 'Account';
  readonly Id: string;
  /** Whole seconds, as Salesforce writes them. */
  readonly SystemModstamp: string;
  readonly [field: string]: unknown;
}

/** Maria, as in the fixture of the outbound message, or with changes. */
export function salesforceContact(Id: string, changes: object = {}): SalesforceRecord {
  return {
    type: 'Contact',
    Id,
    AccountId: '0017F00002xyzABQAY',
    Birthdate: '1990-05-01',
    DirectScale_Company_Name__c: 'Jensen Wellness LLC',
    DirectScale_Customer_Id__c: '10542',
    DirectScale_Field_1__c: 'gold',
    DirectScale_Field_7__c: null,
    DirectScale_Language__c: 'English',
    DirectScale_Secondary_Phone__c: '(801) 555-0143',
    DirectScale_Tax_Id__c: '123456789',
    Email: 'maria.jensen@example.com',
    FirstName: 'Maria',
    LastModifiedById: '0057F000001abcdQAA',
    LastModifiedDate: '2026-11-20T21:03:22.000+0000',
    LastName: 'Jensen',
    MailingCity: 'Lehi',
    MailingCountry: 'United States',
    MailingCountryCode: 'US',
    MailingPostalCode: '84043',
    MailingState: 'Utah',
    MailingStateCode: 'UT',
    MailingStreet: '2600 Executive Pkwy\nSuite 400',
    MobilePhone: '+1 801 555 0144',
    Phone: '(801) 555-0142',
    SystemModstamp: '2026-11-20T21:03:22.000+0000',
    ...changes,
  };
}

interface Settings {
  /** The fields that the user may see, by object, with their types; without a type: string. */
  readonly visible: Record<string, Record<string, string | undefined>>;
  /** The most records of one answer: Salesforce may give fewer than were asked for. */
  batch: number;
}

export type SalesforceStandIn = StandIn<SalesforceRecord> & Settings;

const query =
  /^SELECT (?<columns>[\w, ]+) FROM (?<object>\w+) WHERE (?:SystemModstamp >= (?<since>\S+) AND |\(\(SystemModstamp = (?<stamp>\S+) AND Id > '(?<id>\w+)'\) OR SystemModstamp > (?<later>\S+)\) AND )?SystemModstamp <= (?<until>\S+) ORDER BY SystemModstamp, Id LIMIT (?<limit>\d+)$/;

/**
 * Salesforce's REST API as far as the relay asks it: the tokens of the client `key-1` with the secret `consumer-secret`, `describe`
 * and SOQL. https://developer.salesforce.com/docs/platform/api-rest/guide/intro_rest.html
 */
export async function startSalesforceApi(
  startsWith: StartsWith<SalesforceRecord> = {},
): Promise<SalesforceStandIn> {
  const columns = Object.keys(salesforceContact('')).filter((name) => name !== 'type');
  const settings: Settings = {
    visible: {
      Contact: Object.fromEntries(columns.map((name) => [name, 'string'])),
      Account: { Id: 'id', Name: 'string', Phone: 'phone', SystemModstamp: 'datetime' },
    },
    batch: 2000,
  };
  let given = 0;
  const api: SalesforceStandIn = await startStandIn(startsWith, (request, standIn): Answer | undefined => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/services/oauth2/token') {
      const form = new URLSearchParams(request.body);
      const isClient =
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === 'key-1' &&
        form.get('client_secret') === 'consumer-secret';
      if (!isClient) return { status: 400, body: { error: 'invalid_client_id' } };
      const token = `token-${++given}`;
      standIn.tokens.add(token);
      return { body: { access_token: token, instance_url: api.url, token_type: 'Bearer' } };
    }
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!standIn.tokens.has(token))
      return { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'expired' }] };
    const [, object] = /^\/services\/data\/v65\.0\/sobjects\/(\w+)\/describe$/.exec(pathname) ?? [];
    if (object) return describe(api, object);
    return pathname === '/services/data/v65.0/query' ? rows(api, searchParams.get('q') ?? '') : undefined;
  }).then((standIn) => Object.assign(standIn, settings));
  return api;
}

function describe({ visible }: SalesforceStandIn, object: string): Answer {
  const own = visible[object];
  if (!own) return { status: 404, body: [{ errorCode: 'NOT_FOUND', message: 'no such object' }] };
  const fields = Object.entries(own).map(([name, type]) => ({ name, type: type ?? 'string' }));
  return { body: { name: object, fields } };
}

function rows(api: SalesforceStandIn, soql: string): Answer {
  api.beforePage?.();
  const asked = query.exec(soql)?.groups;
  if (!asked) return { status: 400, body: [{ errorCode: 'MALFORMED_QUERY', message: 'unexpected token' }] };
  const { columns = '', object = '', since, stamp, id, until = '', limit } = asked;
  const names = columns.split(', ');
  const hidden = names.filter((name) => !(name in (api.visible[object] ?? {})));
  if (hidden.length > 0)
    return { status: 400, body: [{ errorCode: 'INVALID_FIELD', message: `No such column '${hidden[0]}'` }] };

  const time = (text: string) => Date.parse(text.replace('+0000', 'Z'));
  const found = [...api.customers.values()]
    .filter((record) => {
      const at = time(record.SystemModstamp);
      if (record.type !== object || at > time(until) || (since && at < time(since))) return false;
      return !stamp || at > time(stamp) || (at === time(stamp) && record.Id > (id ?? ''));
    })
    .sort((a, b) => time(a.SystemModstamp) - time(b.SystemModstamp) || (a.Id < b.Id ? -1 : 1))
    .slice(0, Number(limit));
  const records = found.slice(0, api.batch).map((record) => ({
    attributes: { type: object, url: `/services/data/v65.0/sobjects/${object}/${record.Id}` },
    ...Object.fromEntries(names.map((name) => [name, record[name] ?? null])),
  }));
  const done = records.length === found.length;
  const more = !done && { nextRecordsUrl: '/services/data/v65.0/query/01g-2000' };
  return { body: { totalSize: found.length, done, ...more, records } };
}
