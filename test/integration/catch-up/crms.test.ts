import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../../local/stack.ts';
import { stateFolder } from '../../../local/state-folder.ts';
import { sampleOptions } from '../../fixtures/pipedrive/sender.ts';
import { runScript } from '../../scripts/run-script.ts';
import { type DataverseStandIn, dataverseContact, startDataverseApi } from '../../vendors/dynamics.ts';
import { type HubspotStandIn, hubspotContact, startHubspotApi } from '../../vendors/hubspot.ts';
import { type PipedriveStandIn, pipedrivePerson, startPipedriveApi } from '../../vendors/pipedrive.ts';
import { type SalesforceStandIn, salesforceContact, startSalesforceApi } from '../../vendors/salesforce.ts';
import { startZohoApi, type ZohoStandIn, zohoContact } from '../../vendors/zoho.ts';
import { call, changesOf, until } from '../operator.ts';
import { functionKey, newCustomer, patchesOf, quickRetries } from '../relay-under-test.ts';

interface Apis {
  readonly hubspot: HubspotStandIn;
  readonly salesforce: SalesforceStandIn;
  readonly dynamics: DataverseStandIn;
  readonly zoho: ZohoStandIn;
  readonly pipedrive: PipedriveStandIn;
}

const publicUrl = 'https://relay.example.com';
let apis: Apis;
let relay: Stack;
const relayConfig = join(stateFolder, `crms-${process.pid}.relay.json`);

beforeAll(async () => {
  const [hubspot, salesforce, dynamics, zoho, pipedrive] = await Promise.all([
    startHubspotApi(),
    startSalesforceApi(),
    startDataverseApi(),
    startZohoApi(),
    startPipedriveApi(),
  ]);
  apis = { hubspot, salesforce, dynamics, zoho, pipedrive };
  const sources = {
    hubspot: { options: { baseUrl: hubspot.url, publicApp: { id: 4711, subscribed: ['email'] } } },
    salesforce: { options: { api: { host: salesforce.url, clientId: 'key-1' } } },
    dynamics: { options: { webApi: { host: dynamics.url, tokenSecret: 'dataverse-token' } } },
    zoho: { options: { dataCentre: 'us', clientId: '1000.A', baseUrl: zoho.url, accountsUrl: zoho.url } },
    pipedrive: { options: { ...sampleOptions, api: { baseUrl: pipedrive.url } } },
  };
  const entries = Object.entries(sources).map(([kind, more]) => [
    kind,
    { kind, secrets: [`${kind}-webhook-secret`], ...more },
  ]);
  await mkdir(stateFolder, { recursive: true });
  await writeFile(relayConfig, JSON.stringify({ sources: Object.fromEntries(entries) }));
  relay = await startStack({
    relayConfig,
    host: { functionKey, env: { ...quickRetries, PUBLIC_URL: publicUrl } },
  });
  relay.vault.set('hubspot-access-token', 'a-token');
  relay.vault.set('hubspot-developer-key', 'a-key');
  relay.vault.set('salesforce-client-secret', 'consumer-secret');
  relay.vault.set('dataverse-token', 'a-token');
  relay.vault.set('zoho-client-secret', 'a secret');
  relay.vault.set('zoho-refresh-token', 'refresh-1');
  relay.vault.set('pipedrive-api-token', 'a-token');
});
afterAll(async () => {
  await relay?.stop();
  await Promise.all([...Object.values(apis).map((api) => api.close()), rm(relayConfig, { force: true })]);
});

/** What a CRM holds of a customer: its first name, and the DirectScale id, if it has one. */
type Put = (n: number, firstName: string, customerId: string | undefined, changedAt: string) => void;

const dataverseId = (n: number) => `6d81597f-0f9f-e711-8122-${String(n).padStart(12, '0')}`;
const put: Readonly<Record<keyof Apis, Put>> = {
  hubspot: (n, firstname, directscale_customer_id = '', changedAt) =>
    apis.hubspot.customers.set(
      String(n),
      hubspotContact(String(n), changedAt, { firstname, directscale_customer_id }),
    ),
  salesforce: (n, FirstName, DirectScale_Customer_Id__c, changedAt) => {
    const Id = `0037F0000${String(n).padStart(6, '0')}QAY`;
    const SystemModstamp = changedAt.replace('Z', '.000+0000');
    const changes = { FirstName, DirectScale_Customer_Id__c, SystemModstamp };
    apis.salesforce.customers.set(Id, salesforceContact(Id, changes));
  },
  dynamics: (n, firstname, new_directscalecustomerid, modifiedon) =>
    apis.dynamics.customers.set(
      dataverseId(n),
      dataverseContact(dataverseId(n), { firstname, new_directscalecustomerid, modifiedon }),
    ),
  zoho: (n, First_Name, DirectScale_Customer_Id, changedAt) => {
    const id = String(3_652_397_000_000_649_000n + BigInt(n));
    const Modified_Time = changedAt.replace('Z', '+00:00');
    apis.zoho.customers.set(id, zohoContact(id, { First_Name, DirectScale_Customer_Id, Modified_Time }));
  },
  pipedrive: (n, first_name, customerId, update_time) => {
    const { custom_fields } = pipedrivePerson(n);
    const own = { ...custom_fields, [sampleOptions.idField]: customerId ?? null };
    apis.pipedrive.customers.set(
      String(n),
      pipedrivePerson(n, { first_name, update_time, custom_fields: own }),
    );
  },
};

async function walk(source: string, order: object) {
  const response = await call(relay.host.url, `catch-up/${source}`, {
    method: 'POST',
    body: JSON.stringify({ restart: true, ...order }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

const minutesAgo = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

const kinds = ['hubspot', 'salesforce', 'dynamics', 'zoho', 'pipedrive'] as const;

test.each(kinds)(
  '%s: a change whose webhook never came is there after the next walk, and then no more',
  async (kind) => {
    const [changed, before] = [newCustomer(relay), newCustomer(relay)];
    put[kind](1, 'Missed', changed, minutesAgo(20));
    put[kind](2, 'Long ago', before, minutesAgo(3000));
    put[kind](3, 'Nobody', undefined, minutesAgo(20));
    const order = { since: minutesAgo(60) };
    expect(await walk(kind, order)).toMatchObject({
      report: { read: 2, outcomes: { applied: 1, 'not-found': 1 } },
      endedAt: expect.any(String),
    });
    expect(relay.sandbox.customers.get(changed)?.FirstName).toBe('Missed');
    expect(patchesOf(relay, before)).toEqual([]);

    const writes = patchesOf(relay, changed).length;
    expect(await walk(kind, order)).toMatchObject({ report: { outcomes: { unchanged: 1, 'not-found': 1 } } });
    expect(patchesOf(relay, changed)).toHaveLength(writes);
    // Who has no DirectScale id is a customer of the CRM only, and nothing to look after.
    expect(await changesOf(relay.host.url, { status: 'parked', source: kind })).toEqual([]);

    expect(await walk(kind, {})).toMatchObject({
      report: { read: 3, outcomes: { unchanged: 1, applied: 1, 'not-found': 1 } },
    });
    expect(relay.sandbox.customers.get(before)?.FirstName).toBe('Long ago');
  },
);

test.each(kinds)('%s: a token that is refused, and an outage, are waited for', async (kind) => {
  const { tokens, faults } = apis[kind];
  faults.push({ status: 503 }, { status: 503 });
  const order = { since: minutesAgo(60) };
  expect(await walk(kind, order)).toMatchObject({ waits: { reason: 'vendor-unavailable' } });
  faults.length = 0;
  const right = [...tokens];
  tokens.clear();
  // Those that ask for tokens get another one.
  const asksItself = kind === 'salesforce';
  const refused = asksItself ? { endedAt: expect.any(String) } : { waits: { reason: 'refused-by-vendor' } };
  expect(await walk(kind, order)).toMatchObject(refused);
  for (const token of right) tokens.add(token);
  expect(await walk(kind, order)).toMatchObject({ endedAt: expect.any(String) });
});

/** What health says of the subscriptions, after the daily timer has run. */
async function subscriptionsAfterLook(): Promise<Record<string, { state: string; problems: string[] }>> {
  const lines = () => relay.host.log().split('subscription: {"source":').length;
  const before = lines();
  const response = await call(relay.host.url, '../admin/functions/guardSubscriptions', {
    method: 'POST',
    body: '{}',
  });
  expect(response.status).toBe(202);
  await until(() => lines() >= before + kinds.length, 'the guard has looked at each of them');
  const answer = await call(relay.host.url, 'health/details');
  const { subscriptions } = (await answer.json()) as {
    subscriptions: { source: string; state: string; problems: string[] }[];
  };
  return Object.fromEntries(subscriptions.map(({ source, ...more }) => [source, more]));
}

const check = (...args: string[]) =>
  runScript('check', ['--subscriptions', ...args], {
    ...relay.env,
    KEY_VAULT_URL: relay.env.KEY_VAULT_URL ?? '',
    PUBLIC_URL: publicUrl,
  });

test('what the vendors lost is named by health and check, and made again by --repair', async () => {
  relay.vault.set('pipedrive-webhook-secret', 'relay:a-long-password-1');
  relay.vault.set('zoho-webhook-secret', 'a-token-of-the-channel');
  const endpoint = '6d81597f-0f9f-e711-8122-000000000100';
  apis.dynamics.endpoints.set(endpoint, `${publicUrl}/api/webhooks/dynamics?code=x`);
  const step = { endpoint, message: 'Update', entity: 'contact', postImage: '' };
  apis.dynamics.subscriptions.set(dataverseId(9), { ...step, id: dataverseId(9), statecode: 1 });
  apis.hubspot.settings = { targetUrl: `${publicUrl}/api/webhooks/hubspot` };

  const broken = await subscriptionsAfterLook();
  for (const kind of ['hubspot', 'dynamics', 'zoho', 'pipedrive'])
    expect(broken[kind]).toMatchObject({ state: 'broken' });
  const looked = await check();
  expect(looked.out).toMatch(/^BAD {2}pipedrive: its webhook: there is no webhook to this address/m);
  expect(looked.out).toMatch(
    /^BAD {2}dynamics: its webhook: the step for Update of contact is switched off/m,
  );
  expect(looked.out).toMatch(/salesforce: its webhook: .*Salesforce never switches/);
  expect(apis.pipedrive.subscriptions.size).toBe(0);

  const repaired = await check('--repair');
  for (const kind of ['hubspot', 'dynamics', 'zoho', 'pipedrive'])
    expect(repaired.out).toMatch(new RegExp(`^ok {3}${kind}: its webhook is put right`, 'm'));
  const webhook = { http_auth_user: 'relay', http_auth_password: 'a-long-password-1' };
  expect([...apis.pipedrive.subscriptions.values()]).toMatchObject([webhook]);
  expect([...apis.zoho.subscriptions.values()]).toMatchObject([{ token: 'a-token-of-the-channel' }]);
  expect(repaired.out + looked.out + relay.host.log()).not.toMatch(
    /a-long-password|a-token-of-the-channel|a-key/,
  );
}, 60_000);
