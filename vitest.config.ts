import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most of the long tests wait for processes of their own. Limits are for a busy machine: nothing needs them elsewhere.
    maxWorkers: 4,
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
