/**
 * The files that `faultline init` writes: a queue with a bug in it, the test that finds it, and the settings of TypeScript
 * and vitest. Imported by the verb.
 */

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import { packageRoot } from '../../gmem/scenarios/package-root.js';
import { makeFolder } from '../../kept/finding-file.js';

/** What was done, and what to do next. */
export interface WrittenProject {
  /** Names of the files that were written. */
  readonly written: readonly string[];
  /** Names of those that were there. */
  readonly kept: readonly string[];
  /** What to type next; ends in a line feed. */
  readonly next: string;
}

/** A queue of one slot: it is shown what a check of it looks like, and that it breaks. */
const QUEUE = `/**
 * A queue with one place. Two producers may both see that it is free: \`faultline verify queue.ts\` shows how.
 */
import { check, defineModel } from 'faultline';

export default defineModel({
  name: 'queue',
  source: import.meta.url,
  // --set locked=true mends it.
  parameters: { producers: 2, locked: false },
  build(m, { producers, locked }) {
    const full = m.cell('full');
    const place = m.cell('place');
    const lost = m.cell('lost');
    const lock = m.mutex('lock');

    function* put(value: number) {
      if (locked) yield* lock.lock();
      if ((yield* full.read()) === 0) {
        yield* place.write(value);
        yield* full.write(1);
        // A property of what this actor has read needs no cell.
        yield* check((yield* place.read()) === value, 'another producer overwrote the place');
      } else yield* lost.add(1);
      if (locked) yield* lock.unlock();
    }

    m.actors('producer', producers, (index) => () => put(index + 1));
    m.finally('one got the place', [full, lost], (isFull, turnedAway) => isFull + turnedAway === producers || 'two got it');
  },
});
`;

const TEST = `import { expect, test } from 'vitest';
import queue from './queue.js';

test('the queue with a lock', async () => {
  await expect(queue.with({ locked: true })).toVerify();
});

// Remove \`.not\` and run it: the message is the interleaving.
test('the queue without one', async () => {
  await expect(queue).not.toBeRaceFree();
});
`;

const VITEST = `import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { setupFiles: ['faultline/vitest'] } });
`;

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      ...{ target: 'ES2022', module: 'NodeNext', strict: true, noEmit: true, skipLibCheck: true },
      types: ['node', 'faultline/vitest'],
    },
    include: ['*.ts'],
  },
  null,
  2,
)}\n`;

/**
 * Writes the files that are not there.
 *
 * @throws InputError when the folder is a file, or cannot be written
 */
export function writeProject(folder: string): WrittenProject {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new InputError(`faultline: init: ${folder} is a file; allowed: a folder, which is made when it is absent.`);
  }
  const files: readonly [string, string][] = [
    ['queue.ts', QUEUE],
    ['queue.test.ts', TEST],
    ['vitest.config.ts', VITEST],
    ['tsconfig.json', TSCONFIG],
    ['package.json', manifest()],
  ];
  const written: string[] = [];
  const kept: string[] = [];
  try {
    makeFolder(folder);
    for (const [name, text] of files) {
      const path = join(folder, name);
      if (existsSync(path)) kept.push(name);
      else {
        writeFileSync(path, text, { flag: 'wx' });
        written.push(name);
      }
    }
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new InputError(`faultline: init: ${folder} cannot be written (${code}); allowed: a folder of your own.`);
  }
  const enter = folder === '.' ? '' : `cd ${folder}\n`;
  const next = `Next:\n${enter}npm install\nnpx vitest run\nnpx faultline verify queue.ts\n`;
  return { written, kept, next };
}

function manifest(): string {
  const { version, devDependencies } = JSON.parse(
    readFileSync(join(packageRoot(import.meta.url), 'package.json'), 'utf8'),
  ) as { version: string; devDependencies: Record<string, string> };
  const { vitest, typescript } = devDependencies;
  const content = {
    ...{ name: 'queue', private: true, type: 'module' },
    scripts: { test: 'vitest run', check: 'tsc' },
    devDependencies: { '@types/node': devDependencies['@types/node'], faultline: `^${version}`, typescript, vitest },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
