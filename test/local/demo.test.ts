import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';

test('npm run demo: the sample of every kind changes a customer', async () => {
  // It ends with an error if one does not.
  const { stdout } = await promisify(execFile)(process.execPath, ['local/demo.ts']);
  for (const kind of sourceKinds.keys())
    expect(stdout).toContain(`${kind} (${kind}): a signed webhook is answered 20`);
}, 120_000);
