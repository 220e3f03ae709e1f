import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most of the long tests wait for processes of their own.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // On a busy machine a second is not enough for what happens in other processes.
    expect: { poll: { timeout: 15_000 } },
  },
});
