import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { faultsOfQuery } from './check-kql.ts';
import { kqlNames } from './kql-names.ts';

const page = await readFile('docs/on-call.md', 'utf8');
const names = await kqlNames();
const questions = page
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [title = '', ...lines] = section.split('\n');
    const text = lines.join('\n');
    return {
      title,
      text,
      queries: [...text.matchAll(/^```kql\n([\s\S]*?)^```$/gm)].map(([, query = '']) => query),
    };
  });

test('eleven questions, numbered, each with one query', () => {
  expect(questions.map(({ title }) => title.split('.')[0])).toEqual(
    Array.from({ length: 11 }, (_, i) => String(i + 1)),
  );
  expect(questions.map(({ queries }) => queries.length)).toEqual(Array(11).fill(1));
});

test.each(questions)('$title: the query names what the code writes', ({ queries }) => {
  for (const query of queries) expect(faultsOfQuery(query, names)).toEqual([]);
});

test('the queries of the alerts pass the same check', async () => {
  const files = await readdir('infra/alerts');
  for (const file of files) {
    const query = (await readFile(`infra/alerts/${file}`, 'utf8')).replace(/^\/\/.*\n/gm, '');
    expect([file, faultsOfQuery(query, names)]).toEqual([file, []]);
  }
});

describe('the check finds', () => {
  const [, , customer = '', parked = ''] = questions.map(({ queries }) => queries[0]);
  test.each([
    ['a table', parked, 'customMetrics\n', 'customMetric\n', 'no table customMetric'],
    ['a metric', parked, 'relay.changes', 'relay.change', 'no metric relay.change'],
    [
      'a dimension',
      parked,
      'customDimensions.source',
      'customDimensions.kind',
      'no dimension kind of relay.changes',
    ],
    ['an outcome', parked, "== 'parked'", "== 'park'", 'no outcome park'],
    [
      'the beginning of a line',
      customer,
      "startswith 'change '",
      "startswith 'changed '",
      'no line of the log begins with changed ',
    ],
    [
      'a member of a change',
      customer,
      'change.customerId',
      'change.customer',
      'no member customer of a change',
    ],
    [
      'a member of an attempt',
      customer,
      'change.attempt.requestId',
      'change.attempt.id',
      'no member attempt.id of a change',
    ],
    [
      'a bracket too few',
      customer,
      'toint(change.attempt.status)',
      'toint(change.attempt.status',
      'brackets or quotes do not match',
    ],
  ])('%s that there is not', (_, query, from, to, fault) => {
    expect(query).toContain(from);
    expect(faultsOfQuery(query.replace(from, to), names)).toContain(fault);
  });

  test('a wrong member of health, and a wrong length', () => {
    const [now = ''] = questions.map(({ queries }) => queries[0]);
    expect(faultsOfQuery(now.replace('health.storage', 'health.storages'), names)).toEqual([
      'no member storages of health',
    ]);
    expect(faultsOfQuery(now.replace('message, 8', 'message, 7'), names)).toEqual([
      'health:  is 8 characters long, not 7',
    ]);
  });
});

test('every alert is in the table, and leads to a question', async () => {
  const rules = (await readdir('infra/alerts')).map((file) => file.replace('.kql', ''));
  const rows = [...page.matchAll(/^\| (`.*) \| \[(\d+)\]/gm)];
  const listed = rows.flatMap(([, alerts = '']) =>
    [...alerts.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  );
  expect(listed.toSorted()).toEqual(rules.toSorted());
});

test('every link leads to a heading that there is', async () => {
  const links = [...page.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)];
  expect(links.length).toBeGreaterThan(20);
  for (const [, file = '', anchor = ''] of links) {
    const target = await readFile(file ? `docs/${file}` : 'docs/on-call.md', 'utf8');
    const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
    expect(anchors, `${file}#${anchor}`).toContain(anchor);
  }
});

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
