/**
 * `node scripts/monthly-cost.ts`: prints what the relay costs a month at three sizes, as in infra/README.md.
 * Inputs: infra/unit-prices.json and infra/workload.json.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const unitPrice = z.object({ per: z.number().positive(), price: z.number().nonnegative() });

const pricesSchema = z.object({
  tableOperations: unitPrice,
  queueOperations: unitPrice,
  functionExecutions: unitPrice,
  functionGigabyteSeconds: unitPrice,
  storedGigabyteMonths: unitPrice,
  logGigabytes: unitPrice,
  vaultOperations: unitPrice,
  alertRulesEvery5Minutes: unitPrice,
  alertRulesLessOften: unitPrice,
  privateEndpointHours: unitPrice,
  natGatewayHours: unitPrice,
  publicAddressHours: unitPrice,
  privateZones: unitPrice,
  freeEachMonth: z.object({
    functionExecutions: z.number(),
    functionGigabyteSeconds: z.number(),
    logGigabytes: z.number(),
  }),
});

/** Calls of table and queue storage. */
const callsSchema = z.object({ tables: z.number(), queue: z.number() });

const workloadSchema = z.object({
  storageCallsPerChange: z.object({ oneAtATime: callsSchema, sixteenSenders: callsSchema }),
  executionsPerChange: z.number(),
  secondsPerReceipt: z.number(),
  secondsPerApply: z.number(),
  leastBilledSeconds: z.number(),
  instanceGigabytes: z.number().positive(),
  concurrentExecutionsPerInstance: z.number().positive(),
  /** Until the next change comes, when they come evenly spread and rarely. */
  emptyPollsPerChange: z.number(),
  storedKilobytesPerChange: z.number(),
  logKilobytesPerChange: z.number(),
  heartbeatsPerMonth: z.number(),
  vaultOperationsPerMonth: z.number(),
});

export interface CostInputs {
  readonly prices: z.infer<typeof pricesSchema>;
  readonly workload: z.infer<typeof workloadSchema>;
}

/** What infra/app/alerts.bicep creates: rules that look every five minutes, and the others. */
export const alertRules = { every5Minutes: 2, lessOften: 10 };
const privateEndpoints = 4;
const hoursPerMonth = 730;
const secondsPerMonth = hoursPerMonth * 3600;
const kilobytesPerGigabyte = 1_000_000;

/** Reads the inputs; throws when one of them is missing. */
export async function readCostInputs(): Promise<CostInputs> {
  const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
  return {
    prices: pricesSchema.parse(await read('infra/unit-prices.json')),
    workload: workloadSchema.parse(await read('infra/workload.json')),
  };
}

/** Dollars a month for so many changes a month, by what they are paid for. Private networking is not in it. */
export function monthlyCost(changes: number, { prices, workload }: CostInputs) {
  const free = prices.freeEachMonth;
  const executions = changes * workload.executionsPerChange + workload.heartbeatsPerMonth;
  const busy =
    busySeconds(changes, workload.secondsPerReceipt, workload) +
    busySeconds(changes, workload.secondsPerApply, workload) +
    busySeconds(workload.heartbeatsPerMonth, workload.secondsPerReceipt, workload);
  const calls = storageCalls(changes, workload);
  const logGigabytes = (changes * workload.logKilobytesPerChange) / kilobytesPerGigabyte;
  const parts = {
    functions:
      cost(executions - free.functionExecutions, prices.functionExecutions) +
      cost(busy * workload.instanceGigabytes - free.functionGigabyteSeconds, prices.functionGigabyteSeconds),
    storage:
      cost(changes * calls.tables, prices.tableOperations) +
      cost(changes * calls.queue, prices.queueOperations) +
      cost((changes * workload.storedKilobytesPerChange) / kilobytesPerGigabyte, prices.storedGigabyteMonths),
    logs: cost(logGigabytes - free.logGigabytes, prices.logGigabytes),
    vaultAndAlerts:
      cost(workload.vaultOperationsPerMonth, prices.vaultOperations) +
      cost(alertRules.every5Minutes, prices.alertRulesEvery5Minutes) +
      cost(alertRules.lessOften, prices.alertRulesLessOften),
  };
  const total = parts.functions + parts.storage + parts.logs + parts.vaultAndAlerts;
  return { ...parts, total };
}

/** What changes that come evenly spread ask of storage: from sixteen a second on they share writes. */
function storageCalls(changes: number, { storageCallsPerChange }: CostInputs['workload']) {
  const { oneAtATime, sixteenSenders } = storageCallsPerChange;
  return changes / secondsPerMonth < 16 ? oneAtATime : sixteenSenders;
}

/** Dollars a month for polls that find the queue empty between two changes: none when the next one is always there. */
export function pollingCost(changes: number, { prices, workload }: CostInputs): number {
  const isSeldom = changes / secondsPerMonth < 1;
  return isSeldom ? cost(changes * workload.emptyPollsPerChange, prices.queueOperations) : 0;
}

/** Dollars a month that private networking adds. */
export function privateNetworkingCost({ prices }: CostInputs): number {
  return (
    cost(privateEndpoints * hoursPerMonth, prices.privateEndpointHours) +
    cost(hoursPerMonth, prices.natGatewayHours) +
    cost(hoursPerMonth, prices.publicAddressHours) +
    cost(privateEndpoints, prices.privateZones)
  );
}

/**
 * Seconds in a month for which instances are billed: while at least one execution runs on them. Executions that come
 * evenly spread, independent of each other, share an instance as far as they overlap.
 */
function busySeconds(executions: number, seconds: number, workload: CostInputs['workload']): number {
  const perSecond = executions / secondsPerMonth;
  const oneInstance = 1 - Math.exp(-perSecond * Math.max(seconds, workload.leastBilledSeconds));
  const manyInstances = (perSecond * seconds) / workload.concurrentExecutionsPerInstance;
  return secondsPerMonth * Math.max(oneInstance, manyInstances);
}

/** What is free makes nothing cheaper than nothing. */
function cost(units: number, { per, price }: z.infer<typeof unitPrice>): number {
  return (Math.max(units, 0) / per) * price;
}

const sizes = { '1 thousand': 1000, '1 million': 1_000_000, '100 million': 100_000_000 };

/** The table of infra/README.md. */
export function monthlyCostTable(inputs: CostInputs): string {
  const dollars = (value: number) => `$${value.toFixed(2)}`;
  const rows = Object.entries(sizes).map(([size, changes]) => {
    const { functions, storage, logs, vaultAndAlerts, total } = monthlyCost(changes, inputs);
    return `| ${[size, ...[functions, storage, logs, vaultAndAlerts, total].map(dollars)].join(' | ')} |`;
  });
  return [
    '| changes a month | functions | storage | logs | vault, alerts | all |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Polls that find the queue empty add up to ${dollars(pollingCost(sizes['1 million'], inputs))} at 1 million. Private networking adds ${dollars(privateNetworkingCost(inputs))}.`,
  ].join('\n');
}

if (import.meta.main) console.log(monthlyCostTable(await readCostInputs()));
