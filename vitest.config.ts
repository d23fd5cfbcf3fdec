import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of a minute or so that vitest would begin late where it has timed none yet: by size they are small. */
const LONG = ['readme/readme', 'cli/terminal/watchdog', 'package/pack', 'cli/soak/soak', 'expected', 'verify/workers'];

/** Begins the long files first, so that none is left over when the others are done. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // Forks and not threads: the engines start worker threads of their own, and a test may end one on purpose.
    pool: 'forks',
    // One more than the cores that there should be: the command line's tests wait for processes, and these for time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    // What the files share is loaded, and compiled by V8, once for each fork and not once for each file: half of the time.
    isolate: false,
    // Most tests run code a few times: as the command line does it (src/cli/terminal/tiering.ts).
    execArgv: ['--interrupt-budget=337920'],
    // A machine under load takes many times as long; a limit is there to end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
