import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { loadModule } from '../../src/model/load-module.js';
import { changesOf, copyOf, fileRecordOf, partsOf, placeOnDisk } from '../../src/subject/file-record.js';

let folder: string;

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['models', 'lib', 'node_modules/two']) mkdirSync(join(folder, name), { recursive: true });
  write('node_modules/two/package.json', '{ "name": "two", "type": "module", "main": "index.js" }');
  write('node_modules/two/index.js', 'export const two = 2;\n');
  write('lib/one.mjs', 'export const one = 1;\n');
  write(
    'models/sum.mjs',
    "import { one } from '../lib/one.mjs';\nimport { two } from 'two';\nexport const sum = one + two;\n",
  );
});

it('holds a file and what it imports, word for word, but no package', async () => {
  const path = join(folder, 'models/sum.mjs');
  const lib = join(folder, 'lib/one.mjs');
  expect(await fileRecordOf(path)).toEqual({
    ...{ path, text: readFileSync(path, 'utf8') },
    imports: [{ path: lib, text: 'export const one = 1;\n' }],
  });
});

it('is identified by the texts and where they are from one another', async () => {
  const parts = partsOf(await fileRecordOf(join(folder, 'models/sum.mjs')));
  expect(parts.slice(1)).toEqual(['../lib/one.mjs', 'export const one = 1;\n']);
});

it('tells what has changed and what is gone', async () => {
  const record = await fileRecordOf(join(folder, 'models/sum.mjs'));
  expect(changesOf(record)).toEqual([]);
  write('lib/one.mjs', 'export const one = 2;\n');
  expect(changesOf(record)).toEqual([{ path: join(folder, 'lib/one.mjs'), what: 'changed' }]);
  rmSync(join(folder, 'lib'), { recursive: true });
  expect(changesOf(record)).toEqual([{ path: join(folder, 'lib/one.mjs'), what: 'gone' }]);
});

it('is found where it was, or in a folder to which it has moved as a whole', async () => {
  const record = await fileRecordOf(join(folder, 'models/sum.mjs'));
  expect(placeOnDisk(record)).toBe(join(folder, 'models/sum.mjs'));
  mkdirSync(join(folder, 'new'));
  renameSync(join(folder, 'models'), join(folder, 'new/models'));
  expect(placeOnDisk(record, [join(folder, 'new/models')])).toBeUndefined();
  renameSync(join(folder, 'lib'), join(folder, 'new/lib'));
  expect(placeOnDisk(record, [folder, join(folder, 'new/models')])).toBe(join(folder, 'new/models/sum.mjs'));
});

it('takes a pipe for no file', async () => {
  const record = { path: '/dev/stdin', text: '' };
  expect(placeOnDisk(record)).toBeUndefined();
  expect(changesOf(record)).toEqual([{ path: '/dev/stdin', what: 'gone' }]);
});

it('is copied to where it can be loaded, with the packages that it finds', async () => {
  const record = await fileRecordOf(join(folder, 'models/sum.mjs'));
  write('lib/one.mjs', 'export const one = 100;\n');
  expect((await loadModule(copyOf(record))).sum).toBe(3);
});

it('is never copied to outside of the folder of the copy', () => {
  const path = copyOf({
    ...{ path: 'a/model.mjs', text: 'export {};\n' },
    imports: [{ path: '../../../../../../../../faultline-escape.mjs', text: 'export {};\n' }],
  });
  expect(path.startsWith(join(tmpdir(), 'faultline-'))).toBe(true);
  expect(() => readFileSync('/faultline-escape.mjs')).toThrow('ENOENT');
});
