import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // Unfinished: the live engine (issue 3) and the search's longest tests (issue 4) are not reached by any command yet.
    exclude: [
      'test/live/{live,live-executor,gmem,supervision,trust}.test.ts',
      'test/verify/{random-models,reductions,workers}.test.ts',
    ],
    // Forks and not threads: the engines start worker threads of their own, and a test may end one on purpose.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
