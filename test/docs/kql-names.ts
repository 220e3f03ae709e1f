import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { readOutcomes } from '../../src/catch-up/report.ts';
import { type DeliveryRecord, recordSchema, statuses } from '../../src/delivery/record/record.ts';
import { healthDetailsSchema } from '../../src/health.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { metrics } from '../../src/telemetry/metrics.ts';

/**
 * The tables that are filled: by the exporter (src/telemetry/export.ts), by the host's log, by the workspace itself
 * (https://learn.microsoft.com/azure/azure-monitor/logs/monitor-workspace), and by the vault.
 */
const tables = ['customMetrics', 'dependencies', 'requests', 'traces', '_LogOperation', 'AZKVAuditLogs'];

/** Columns of those tables that queries use. https://learn.microsoft.com/azure/azure-monitor/reference/tables/traces */
export const columns = [
  'timestamp',
  'name',
  'message',
  'customDimensions',
  'cloud_RoleInstance',
  'resultCode',
];

/** What the code writes, by which queries can look for it. */
export interface KqlNames {
  readonly tables: readonly string[];
  /** The dimensions of each metric. */
  readonly dimensions: ReadonlyMap<string, ReadonlySet<string>>;
  /** How lines of the log begin, whole. */
  readonly logPrefixes: readonly string[];
  /** The members of the JSON in the lines `change …: `, those of the attempt as `attempt.…`. */
  readonly changeMembers: ReadonlySet<string>;
  /** The members of the JSON in the line `health: `, at any depth. */
  readonly healthMembers: ReadonlySet<string>;
  /** What the metric `relay.changes` has as outcome. */
  readonly outcomes: readonly string[];
}

/** Reads the names out of the code. */
export async function kqlNames(): Promise<KqlNames> {
  const sources = await Promise.all([...(await filesIn('src')), ...(await filesIn('functions'))].map(text));
  const code = sources.join('\n');
  const changeLines = linesOfChanges();
  return {
    tables,
    dimensions: new Map(Object.keys(metrics).map((metric) => [metric, dimensionsOf(metric, code)])),
    logPrefixes: [
      'change ',
      ...changeLines.map(({ prefix }) => prefix),
      ...[...code.matchAll(/context\.(?:log|warn|error)\(`([^`$]+)\$\{/g)].map(([, start = '']) => start),
    ],
    changeMembers: new Set(changeLines.flatMap(({ members }) => members)),
    healthMembers: membersOfHealth(),
    outcomes: [...new Set([...statuses, ...readOutcomes, 'accepted', 'retried'])].filter((outcome) =>
      code.includes(`'${outcome}'`),
    ),
  };
}

/** Every name in the attributes with which a metric is measured. */
function dimensionsOf(metric: string, code: string): Set<string> {
  const names = new Set<string>();
  for (const [, attributes = ''] of code.matchAll(
    new RegExp(`measure\\('${metric.replaceAll('.', '\\.')}',[^{]*(\\{.*\\})\\);`, 'g'),
  )) {
    const withoutValues = attributes.replace(/:[^,}]+/g, '').replace(/'[^']*'/g, '');
    for (const [name] of withoutValues.matchAll(/\w+/g)) names.add(name);
  }
  return names;
}

/** The line that is logged of a change in each status, taken apart. */
function linesOfChanges(): { prefix: string; members: string[] }[] {
  const lines: string[] = [];
  const keep = (line: string) => lines.push(line);
  // Of the context only the log is looked at.
  const context = { log: keep, warn: keep, error: keep } as unknown as InvocationContext;
  for (const status of statuses) logRecorded(context, recordWith(status), recordWith(status).attempts[0]);
  return lines.map((line) => {
    const { attempt, ...change } = JSON.parse(line.slice(line.indexOf('{')));
    const ofAttempt = Object.keys(attempt).map((name) => `attempt.${name}`);
    return {
      prefix: line.slice(0, line.indexOf('{')),
      members: [...Object.keys(change), 'attempt', ...ofAttempt],
    };
  });
}

/** A record with every member that there can be. */
function recordWith(status: DeliveryRecord['status']): DeliveryRecord {
  const at = '2026-11-23T12:00:00.000Z';
  const attempt = { at, outcome: 'applied', reason: 'a', status: 200, requestId: 'a', message: 'a' };
  return recordSchema.parse({
    deliveryId: 'a',
    index: 0,
    source: 'a',
    receivedAt: at,
    status,
    reason: 'a',
    customerId: '1',
    fields: ['FirstName'],
    dropped: [],
    attempts: [attempt],
    failedAttempts: 0,
    turn: 0,
    violations: [],
  });
}

/** The members of the report, at any depth. */
function membersOfHealth(): Set<string> {
  const schema = JSON.stringify(z.toJSONSchema(healthDetailsSchema));
  return new Set([...schema.matchAll(/"(\w+)":\{/g)].map(([, name = '']) => name));
}

async function filesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
}

const text = (path: string): Promise<string> => readFile(path, 'utf8');
