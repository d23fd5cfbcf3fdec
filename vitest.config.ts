import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // Forks and not threads: the engines start worker threads of their own, and a test may end one on purpose.
    pool: 'forks',
    // One more than the cores that there should be: the command line's tests wait for processes, and these for time.
    maxWorkers: 3,
    // What the files share is loaded, and compiled by V8, once for each fork and not once for each file: half of the time.
    isolate: false,
    // Most tests run code a few times: as the command line does it (src/cli/terminal/tiering.ts).
    execArgv: ['--interrupt-budget=337920'],
    // A machine under load takes many times as long; a limit is there to end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
