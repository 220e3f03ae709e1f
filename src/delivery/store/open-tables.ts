import { TableClient } from '@azure/data-tables';
import { azureCredential } from '../../azure/credential.ts';
import { serviceAddress, storageConnection } from '../../azure/storage-connection.ts';
import { tableActs } from './acts.ts';
import { tableBudgetShares } from './budget-shares.ts';
import { tableCustomerPauses } from './customer-pauses.ts';
import { tableCustomerStates } from './customer-states.ts';
import { tableSummedHours } from './hour-counts.ts';
import { tableLastRefusals } from './last-refusals.ts';
import { tableLinks } from './links.ts';
import { tableMutedIssues } from './muted-issues.ts';
import { notingRecords } from './noting-records.ts';
import { tableOpenChanges } from './open-changes.ts';
import { tablePauses } from './pauses.ts';
import { tableRecords } from './records.ts';
import { tableSeenDeliveries } from './seen-deliveries.ts';
import type { Tables } from './stores.ts';

const retryOptions = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };

/**
 * Opens the tables and creates those that are missing: by connection string, or by the account's name (or its service's
 * address) with the managed identity. Throws what the SDK throws. Import this file at first use only: it brings the
 * tables SDK along.
 */
export async function openTables(env: NodeJS.ProcessEnv): Promise<Tables> {
  const opened = (name: string) => openTable(name, env);
  const [customers, deliveries, open, seen, links, operator] = await Promise.all([
    opened('relaycustomers'),
    opened('relaydeliveries'),
    opened('relayopen'),
    opened('relayseen'),
    opened('relaylinks'),
    opened('relayoperator'),
  ]);
  const states = tableCustomerStates(customers);
  return {
    records: notingRecords(tableRecords(deliveries, tableOpenChanges(open)), states),
    states,
    seen: tableSeenDeliveries(seen),
    links: tableLinks(links),
    pauses: tablePauses(operator),
    customerPauses: tableCustomerPauses(customers),
    acts: tableActs(operator),
    mutedIssues: tableMutedIssues(operator),
    summedHours: tableSummedHours(operator),
    lastRefusals: tableLastRefusals(operator),
    budgetShares: tableBudgetShares(customers),
  };
}

/** Opens one table and creates it if it is missing. Throws what the SDK throws. */
export async function openTable(name: string, env: NodeJS.ProcessEnv): Promise<TableClient> {
  const table = clientFor(env)(name);
  await table.createTable();
  return table;
}

function clientFor(env: NodeJS.ProcessEnv): (name: string) => TableClient {
  const connectionString = env[storageConnection];
  if (connectionString) {
    const isLocal = /UseDevelopmentStorage=true|http:\/\//i.test(connectionString);
    const options = { retryOptions, allowInsecureConnection: isLocal };
    return (name) => TableClient.fromConnectionString(connectionString, name, options);
  }
  const credential = azureCredential(env[`${storageConnection}__clientId`]);
  const address = serviceAddress(env, 'table');
  return (name) => new TableClient(address, name, credential, { retryOptions });
}
