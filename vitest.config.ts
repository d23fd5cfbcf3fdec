import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { configDefaults, defineConfig, type Plugin } from 'vitest/config';
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

/**
 * What a test imports from the sources it gets from the built package: the code that users run, loaded by Node itself. As
 * vitest runs sources, every use of an import is a call of a getter, which the engines' loops feel. test/built.ts sees to
 * it that what is built is what is written. FAULTLINE_SOURCES=1 has the sources run, for stacks that name them.
 */
const built: Plugin = {
  name: 'built',
  enforce: 'pre',
  resolveId(specifier, importer) {
    if (process.env.FAULTLINE_SOURCES !== undefined) return undefined;
    if (importer === undefined || !specifier.startsWith('.')) return undefined;
    const path = relative(import.meta.dirname, resolve(dirname(importer), specifier));
    const file = join(import.meta.dirname, 'dist', path);
    return /^(?:src|workers|machines)\b/.test(path) && existsSync(file) ? { id: file, external: true } : undefined;
  },
};

export default defineConfig({
  plugins: [built],
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/built.ts'],
    forceRerunTriggers: [...configDefaults.forceRerunTriggers, '{src,workers,machines}/**'],
    server: { deps: { external: [/\/dist\/(?:src|workers|machines)\//] } },
    // Forks and not threads: the engines start worker threads of their own, and a test may end one on purpose.
    pool: 'forks',
    // One more than the cores that there should be: the command line's tests wait for processes, and these for time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    // What the files share is loaded, and compiled by V8, once for each fork and not once for each file: half of the time.
    isolate: false,
    // Most tests run code a few times: as the command line does it (src/cli/terminal/tiering.ts). All cores are busy, so
    // threads that help with the garbage cost more than they give.
    execArgv: [
      '--interrupt-budget=337920',
      '--single-threaded-gc',
      '--min-semi-space-size=16',
      '--max-semi-space-size=64',
    ],
    // A machine under load takes many times as long; a limit is there to end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
