import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A clean clone knows no durations. The crash tests wait longest: begun last, they would run on alone. */
class CrashesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isCrash = ({ moduleId }: TestSpecification) => moduleId.includes('/integration/crash/');
    return [...sorted.filter(isCrash), ...sorted.filter((file) => !isCrash(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most of the long tests wait for processes of their own. Limits are for a busy machine: nothing needs them elsewhere.
    maxWorkers: 4,
    sequence: { sequencer: CrashesFirst },
    env: {
      // The many processes that the tests start need not compile the same files each.
      NODE_COMPILE_CACHE: resolve('.local/compile-cache'),
      // What a test sees does not depend on the time of day.
      TIMERS_BY_HAND: 'true',
    },
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // On a busy machine a second is not enough for what happens in other processes.
    expect: { poll: { timeout: 15_000 } },
  },
});
