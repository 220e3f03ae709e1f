import { describe, expect, test } from 'vitest';
import { findCompiler, findingsOf, predictedResources } from './bicep-compiler.ts';

const compiler = findCompiler();
if (!compiler)
  console.warn('No Bicep compiler was found (BICEP, PATH, az bicep install): it is not compiled here.');

/** The compiler is a process of its own, and takes half a minute where others work, too. */
const timeout = 120_000;

describe.runIf(compiler)('the Bicep compiler', { timeout }, () => {
  test.each(['build', 'lint'] as const)('%s has nothing to say, not even a warning', async (command) => {
    expect(await findingsOf(compiler ?? '', command, 'infra/main.bicep')).toEqual([]);
  });

  test('finds a mistake that a parser cannot see', async () => {
    const [found] = await findingsOf(compiler ?? '', 'lint', 'test/infra/snapshots/wrong.bicep');
    expect(found).toContain('Warning BCP036');
  });

  // After an intended change: npx vitest run test/infra/compile.test.ts -u
  test.each(['small', 'private', 'stage'])('the resources of %s are those of the snapshot', async (set) => {
    const resources = await predictedResources(compiler ?? '', `${set}.bicepparam`);
    await expect(resources).toMatchFileSnapshot(`snapshots/${set}.json`);
  });
});
