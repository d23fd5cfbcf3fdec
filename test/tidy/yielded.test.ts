/** Routines of ours that are called without `yield*`: what calls them never does what they say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { droppedCallIn } from '../../src/model/carried/dropped.js';
import { Sources } from '../../src/model/carried/sources.js';
import { lineOf } from '../../src/model/carried/syntax.js';
import { readSourceFiles } from './source-file.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where the first routine is called and not yielded in some files. */
function dropped(paths: readonly string[]): string | undefined {
  const call = droppedCallIn(new Sources(paths));
  return call && lineOf(call);
}

it('there is none in what is made of routines', () => {
  const folders = ['src/core/ops', 'src/gmem', 'src/primitives'];
  const paths = readSourceFiles(root, folders, /\.ts$/).map(({ path }) => join(root, path));
  expect(paths.length).toBeGreaterThan(100);
  expect(dropped(paths)).toBeUndefined();
});

it('one would be found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-yielded-'));
  const path = join(folder, 'primitive.ts');
  writeFileSync(
    path,
    'class Box {\n  *put(): Routine {\n    yield* c.write(1);\n  }\n  *twice(): Routine {\n    this.put();\n    yield* this.put();\n  }\n}\n',
  );
  expect(dropped([path])).toBe('primitive.ts:6');
  rmSync(folder, { recursive: true });
});
