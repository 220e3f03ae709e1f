import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { type JobStates, tableJobStates } from '../../src/catch-up/job-states.ts';
import { emptyReport, type Finding } from '../../src/catch-up/report.ts';
import { type JobState, neverBegun } from '../../src/catch-up/walk.ts';
import { iso, noon } from './walking.ts';

let azurite: Azurite;
let table: TableClient;
let states: JobStates;
beforeAll(async () => {
  azurite = await startAzurite();
  const options = { allowInsecureConnection: true };
  table = TableClient.fromConnectionString(azurite.connectionString, 'relaywalks', options);
  await table.createTable();
  states = tableJobStates(table);
});
afterAll(() => azurite.close());

const finding: Finding = {
  outcome: 'differs',
  customerId: '1',
  fields: Array.from({ length: 40 }, (_, n) => ({ path: `AssociateCustom.Field${n}`, verdict: 'missed' })),
};
const stateWith = (findings: number): JobState => ({
  leasedUntil: 0,
  readUntil: iso(noon),
  walk: {
    order: { foundBy: 'catch-up', mode: 'compare', until: iso(noon) },
    startedAt: iso(noon),
    pages: 1,
    report: emptyReport,
    findings: Array.from({ length: findings }, () => finding),
  },
});

test('a walk whose findings are too many for its row keeps the first ones, and is read again', async () => {
  const etag = await states.write('crm', 'reconcile', stateWith(200), undefined);
  const { state, etag: stored } = await states.read('crm', 'reconcile');
  expect(stored).toBe(etag);
  expect(state).toEqual(stateWith(100));
  expect(await states.write('crm', 'reconcile', stateWith(3), etag)).toBeDefined();
  expect((await states.read('crm', 'reconcile')).state).toEqual(stateWith(3));
});

test('a row that cannot be read is begun anew, and keeps no other source back', async () => {
  await table.createEntity({ partitionKey: 'cut-off', rowKey: 'catch-up', state0: '{"leasedUntil":0,"wa' });
  await states.write('shop', 'catch-up', stateWith(0), undefined);
  const { state, etag } = await states.read('cut-off', 'catch-up');
  expect(state).toEqual(neverBegun);
  expect((await states.standing()).catchUps.get('shop')).toEqual(stateWith(0));
  expect(await states.write('cut-off', 'catch-up', stateWith(0), etag)).toBeDefined();
});
