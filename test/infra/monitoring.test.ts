import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { alertRules } from '../../scripts/monthly-cost.ts';
import { declarationsOf, nodesOfType, propertiesOf, textOf } from './bicep-file.ts';
import { readBicep } from './infra-files.ts';

/** What src/telemetry writes: each metric with its dimensions. */
const metrics: Readonly<Record<string, readonly string[]>> = {
  'relay.changes': ['source', 'outcome', 'reason'],
  'relay.left-out': ['source', 'path', 'reason'],
  'relay.refusals': ['source', 'reason'],
  'relay.upstream.duration': ['method', 'status'],
  'relay.change.age': ['source'],
  'relay.reads': ['source', 'foundBy', 'outcome'],
};
/** How the log lines begin that are looked for. */
const logLines = ['health: ', 'change parked: '];

const alerts = await readBicep('infra/app/alerts.bicep');
const rules = rulesOf();

interface Rule {
  readonly name: string;
  readonly frequency: string;
  readonly measure: string;
  readonly dimensions: readonly string[];
  readonly queryFile: string;
}

function rulesOf(): Rule[] {
  const list = declarationsOf(alerts).find(({ name }) => name === 'rules');
  if (!list) return [];
  return nodesOfType(list.node, 'object').map((object) => {
    const properties = propertiesOf(object);
    const text = (name: string): string => {
      const node = properties.get(name);
      return node ? textOf(node) : '';
    };
    const dimensions = properties.get('dimensions');
    return {
      name: text('name'),
      frequency: text('frequency'),
      measure: text('measure'),
      dimensions: dimensions ? nodesOfType(dimensions, 'string').map(textOf) : [],
      queryFile: /'\.\.\/(alerts\/[\w-]+\.kql)'/.exec(properties.get('query')?.text ?? '')?.[1] ?? '',
    };
  });
}

async function workbookQueries(): Promise<{ title: string; query: string }[]> {
  const item = z.object({
    content: z.object({ title: z.string().optional(), query: z.string().optional() }),
  });
  const { items } = z
    .object({ items: z.array(item) })
    .parse(JSON.parse(await readFile('infra/workbook.json', 'utf8')));
  return items.flatMap(({ content: { title = '', query } }) => (query ? [{ title, query }] : []));
}

function expectKnownNames(query: string): void {
  for (const [, metric = ''] of query.matchAll(/name == '(relay[^']*)'/g))
    expect(Object.keys(metrics)).toContain(metric);
  const known = [...query.matchAll(/name == '(relay[^']*)'/g)].flatMap(
    ([, metric = '']) => metrics[metric] ?? [],
  );
  for (const [, dimension = ''] of query.matchAll(/customDimensions\.(\w+)/g))
    expect(known).toContain(dimension);
  for (const [, start = '', length] of query.matchAll(
    /startswith '([^']+)'[\s\S]*?substring\(message, (\d+)\)/g,
  )) {
    expect(logLines).toContain(start);
    expect(Number(length)).toBe(start.length);
  }
  for (const [, start = ''] of query.matchAll(/startswith '([^']+)'/g)) expect(logLines).toContain(start);
}

test('there is an alert for each thing that an operator must hear of', () => {
  expect(rules.map(({ name }) => name)).toEqual([
    'parked',
    'oldest-message',
    'poison',
    'key-rejected',
    'vault-unreachable',
    'error-rate',
    'silent-source',
    'left-out',
    'refusals',
    'no-heartbeat',
    'secret-access',
    'log-cap',
  ]);
});

test('each alert has a query of its own, and no query is left over', async () => {
  const files = (await readdir('infra/alerts')).map((file) => `alerts/${file}`);
  expect(rules.map(({ queryFile }) => queryFile).toSorted()).toEqual(files.toSorted());
});

test.each(rules)('the query of $name gives the measure and the dimensions of its rule', async (rule) => {
  const query = await readFile(`infra/${rule.queryFile}`, 'utf8');
  expectKnownNames(query);
  const last = query.trim().split('\n').at(-1);
  for (const column of [rule.measure, ...rule.dimensions])
    expect(last).toMatch(new RegExp(`\\b${column}\\b`));
});

test('the workbook shows what it promises, by metrics and log lines that exist', async () => {
  const queries = await workbookQueries();
  expect(queries.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      'Changes by source and outcome',
      'Time from receipt to applied, in seconds',
      'Retries by reason',
      'Calls to DirectScale by status',
    ]),
  );
  for (const { query } of queries) expectKnownNames(query);
});

test('a metric, a dimension or a log line that does not exist is noticed', () => {
  expect(() => expectKnownNames("customMetrics | where name == 'relay.change'")).toThrow();
  expect(() => expectKnownNames("name == 'relay.change.age' | project customDimensions.reason")).toThrow();
  expect(() => expectKnownNames("traces | where message startswith 'helth: '")).toThrow();
  expect(() => expectKnownNames("startswith 'health: ' | extend x = substring(message, 7)")).toThrow();
});

test('the cost of the alerts is that of the rules that there are', () => {
  const every5Minutes = rules.filter(({ frequency }) => frequency === 'PT5M').length;
  expect(alertRules).toEqual({ every5Minutes, lessOften: rules.length - every5Minutes });
});
