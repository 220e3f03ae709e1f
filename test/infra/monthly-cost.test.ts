import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  monthlyCost,
  monthlyCostTable,
  pollingCost,
  privateNetworkingCost,
  readCostInputs,
} from '../../scripts/monthly-cost.ts';

const inputs = await readCostInputs();

test('the costs in infra/README.md are those that the script prints', async () => {
  expect(await readFile('infra/README.md', 'utf8')).toContain(monthlyCostTable(inputs));
});

test('without a change, only what stands by is paid for', () => {
  const { functions, storage, logs, vaultAndAlerts, total } = monthlyCost(0, inputs);
  expect([functions, storage, logs]).toEqual([0, 0, 0]);
  expect(total).toBe(vaultAndAlerts);
});

test('twice the changes cost at most twice as much beyond what is free, and never less', () => {
  for (const changes of [1000, 1_000_000, 50_000_000]) {
    const once = monthlyCost(changes, inputs);
    const twice = monthlyCost(2 * changes, inputs);
    expect(twice.storage).toBeCloseTo(2 * once.storage, 6);
    expect(twice.functions).toBeGreaterThanOrEqual(once.functions);
    expect(twice.logs).toBeGreaterThanOrEqual(once.logs);
  }
});

test('a price is an input: twice the price of a gigabyte of logs doubles the bill for logs', () => {
  const { prices } = inputs;
  const dearer = {
    ...inputs,
    prices: { ...prices, logGigabytes: { per: 1, price: 2 * prices.logGigabytes.price } },
  };
  expect(monthlyCost(10_000_000, dearer).logs).toBeCloseTo(2 * monthlyCost(10_000_000, inputs).logs, 6);
});

test('storage is what is counted times the unit prices: one at a time for a million, shared writes for 100 million', () => {
  const { prices, workload } = inputs;
  const { oneAtATime, sixteenSenders } = workload.storageCallsPerChange;
  const expected = (changes: number, { tables, queue }: typeof oneAtATime) =>
    (changes * tables * prices.tableOperations.price) / prices.tableOperations.per +
    (changes * queue * prices.queueOperations.price) / prices.queueOperations.per +
    ((changes * workload.storedKilobytesPerChange) / 1_000_000) * prices.storedGigabyteMonths.price;
  expect(monthlyCost(1_000_000, inputs).storage).toBeCloseTo(expected(1_000_000, oneAtATime), 6);
  expect(monthlyCost(100_000_000, inputs).storage).toBeCloseTo(expected(100_000_000, sixteenSenders), 6);
});

test('a million changes, evenly spread, cost $30 at most as shipped', async () => {
  expect(monthlyCost(1_000_000, inputs).total).toBeLessThanOrEqual(30);
  const bicep = await readFile('infra/main.bicep', 'utf8');
  expect(bicep).toContain(`param instanceMemory int = ${inputs.workload.instanceGigabytes * 1024}\n`);
  const parameters = await readFile('infra/main.parameters.json', 'utf8');
  expect(parameters).toContain(`\${RELAY_INSTANCE_MEMORY=${inputs.workload.instanceGigabytes * 1024}}`);
});

test('empty polls: five for a change that comes seldom, none where the next one is there already', () => {
  expect(pollingCost(1_000_000, inputs)).toBeCloseTo(2, 6);
  expect(pollingCost(100_000_000, inputs)).toBe(0);
});

test('private networking is four endpoints with their zones, a gateway and its address', () => {
  expect(privateNetworkingCost(inputs)).toBeCloseTo(730 * (4 * 0.01 + 0.045 + 0.005) + 4 * 0.5, 6);
});
