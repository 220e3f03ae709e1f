import { compileMapping } from '../../src/mapping/mapping.ts';

// A process for evaluation.test.ts: says when it begins an evaluation that takes a while, and what came of it.
const mapping = compileMapping(
  'long.jsonata',
  '{ "customer": { "customerId": "7" }, "fields": { "FirstName": $string($count([1..n])) } }',
);
await mapping.map({ n: 1 }, new Date());
const result = mapping.map({ n: 2_000_000 }, new Date());
setImmediate(() => process.stdout.write('it evaluates\n'));
process.stdout.write(`${JSON.stringify(await result)}\n`);
