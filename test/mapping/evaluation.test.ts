import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { maxTextLength } from '../../src/mapping/bounded-texts.ts';
import { evaluationTimeoutMs } from '../../src/mapping/evaluation/evaluate.ts';
import { compileMapping } from '../../src/mapping/mapping.ts';
import { processorMsOf } from '../processor-time.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const good = compileMapping(
  'good.jsonata',
  '{ "customer": { "customerId": "7" }, "fields": { "FirstName": name } }',
);
const ada = { ok: true, elements: [{ type: 'change', change: { fields: { FirstName: 'Ada' } } }] };

describe('an evaluation that does not come to an end', () => {
  test('in a regular expression: is ended with its thread, the process goes on, and so does the next one', async () => {
    const bad = compileMapping('bad.jsonata', '$contains(text, /^(a+)+$/)');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 20);
    const results = Promise.all([
      bad.map({ text: `${'a'.repeat(60)}!` }, now),
      good.map({ name: 'Ada' }, now),
    ]);
    const [ended, next] = await results;
    clearInterval(ticking);
    expect(ended).toEqual({
      ok: false,
      violations: [
        {
          path: '',
          message: `the mapping bad.jsonata takes longer than ${evaluationTimeoutMs} ms for this payload`,
        },
      ],
    });
    expect(next).toMatchObject(ada);
    expect(ticks).toBeGreaterThan(50);
  });

  test('in memory', async () => {
    const bad = compileMapping('bad.jsonata', '$count([1..9000000].{ "a": [$, $, $] })');
    expect(await bad.map({}, now)).toMatchObject({ ok: false, violations: [{ path: '' }] });
    expect(await good.map({ name: 'Ada' }, now)).toMatchObject(ada);
  });
});

test('a process that stands still while it evaluates goes on with it afterwards', async () => {
  const child = spawn(process.execPath, ['test/mapping/evaluate-long.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toMatchObject({ value: 'it evaluates' });
  child.kill('SIGSTOP');
  await delay(evaluationTimeoutMs + 500);
  child.kill('SIGCONT');
  const { value = '' } = await lines.next();
  expect(JSON.parse(value)).toMatchObject({
    ok: true,
    elements: [{ change: { fields: { FirstName: '2000000' } } }],
  });
}, 30_000);

test('the quadratic expression of older copies has nothing to work on: longer texts are not mapped, but told', async () => {
  const copy = compileMapping(
    'copy.jsonata',
    `{ "customer": { "customerId": "7" }, "fields": { "FirstName": name, "LastName": long, "CompanyName": $split(street, /\\s*\\r?\\n\\s*/)[0] } }`,
  );
  const long = ' '.repeat(60_000);
  expect(await copy.map({ name: 'Ada', long, street: long }, now)).toMatchObject({
    ok: true,
    elements: [
      {
        change: { fields: { FirstName: 'Ada' } },
        leftOut: ['LastName', 'CompanyName'].map((path) => ({
          path,
          reason: `is longer than ${maxTextLength} characters`,
        })),
      },
    ],
  });
  const street = ' '.repeat(maxTextLength);
  const ms = await processorMsOf(async () => {
    expect(await copy.map({ name: 'Ada', street }, now)).toMatchObject({ ok: true });
  });
  expect(ms).toBeLessThan(3000);
});

test('a reason that a sender writes in characters of private use is not taken for one of ours', async () => {
  const forged = String.fromCodePoint(
    ...Array.from('Ada is 36', (letter) => 0x10_0000 + letter.charCodeAt(0)),
  );
  expect(await good.map({ name: forged }, now)).toMatchObject({
    elements: [{ leftOut: [{ path: 'FirstName', reason: expect.stringMatching(/private use/) }] }],
  });
});

test('what cannot leave the thread is no result', async () => {
  const mapping = compileMapping('m.jsonata', '{ "fields": { "FirstName": $uppercase } }');
  expect(await mapping.map({}, now)).toMatchObject({ ok: false });
});

test('900 metafields take no long time', async () => {
  const mapping = compileMapping('shopify', await readFile('mappings/shopify.jsonata', 'utf8'));
  const metafields = Array.from({ length: 900 }, (_, index) => ({
    namespace: 'directscale',
    key: `field_${index + 1}`,
    value: 'v',
  }));
  await mapping.map({ id: 1, first_name: 'Ada' }, now);
  const ms = await processorMsOf(async () => {
    const result = await mapping.map({ id: 1, metafields }, now);
    const [element] = result.ok ? result.elements : [];
    const custom = element?.type === 'change' ? element.change.fields.AssociateCustom : {};
    expect(Object.keys(custom ?? {})).toHaveLength(900);
  });
  expect(ms).toBeLessThan(3000);
});

test('equal texts have equal hashes, and only those', () => {
  expect(compileMapping('a', 'name').hash).toMatch(/^[0-9a-f]{12}$/);
  expect(compileMapping('a', 'name').hash).toBe(compileMapping('b', 'name').hash);
  expect(compileMapping('a', 'name').hash).not.toBe(compileMapping('a', 'name ').hash);
});

test('the security page says how long a mapping may take, and how long its texts may be', async () => {
  const page = await readFile('docs/security.md', 'utf8');
  const text = maxTextLength.toLocaleString('en');
  expect(page).toContain(
    `| time of a mapping | ${evaluationTimeoutMs / 1000} s of the processor, 200 calls deep |`,
  );
  expect(page).toContain(`| a text that a mapping sees | ${text} characters |`);
});
