/** Files that users write, from inside and outside the package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import * as library from '../../src/index.js';
import { loadModule } from '../../src/model/load-module.js';

let outside: string;

/** Writes a file outside the package and returns its path. */
function write(name: string, text: string): string {
  const path = join(outside, name);
  writeFileSync(path, text);
  return path;
}

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'faultline-'));
});

afterAll(() => {
  rmSync(outside, { recursive: true });
});

const exportsDefineModel = `import { defineModel } from 'faultline';\nexport default defineModel;\n`;

describe('loadModule', () => {
  it.each(['a.ts', 'b.mts', 'c.js', 'd.mjs'])(
    'hands %s outside the package the running copy of the library',
    async (name) => {
      const path = write(name, exportsDefineModel);
      expect((await loadModule(path)).default).toBe(library.defineModel);
    },
  );

  it('hands a file inside the package the running copy of the library', async () => {
    const path = new URL('../explore/fixtures/lost-update.mjs', import.meta.url).href;
    expect((await loadModule(path)).defineModel).toBe(library.defineModel);
  });

  it('hands a file the running copy even when another one is installed beside it', async () => {
    mkdirSync(join(outside, 'project/node_modules/faultline'), { recursive: true });
    write(
      'project/node_modules/faultline/package.json',
      '{ "name": "faultline", "type": "module", "main": "index.js" }',
    );
    write('project/node_modules/faultline/index.js', 'export const defineModel = 0;\n');
    write('project/package.json', '{ "type": "module" }');
    for (const name of ['a.ts', 'b.mjs', 'c.js']) {
      expect((await loadModule(write(`project/${name}`, exportsDefineModel))).default).toBe(library.defineModel);
    }
  });

  it('loads a file once', async () => {
    const path = write('once.ts', 'export const object = {};\n');
    expect((await loadModule(path)).object).toBe((await loadModule(pathToFileURL(path).href)).object);
  });

  it('reads TypeScript that Node alone would refuse', async () => {
    const path = write(
      'types.ts',
      'interface Pair { a: number }\nexport const pair: Pair = { a: 1 } satisfies Pair;\n',
    );
    expect((await loadModule(path)).pair).toEqual({ a: 1 });
  });

  it('tells the file its own address', async () => {
    const path = write('address.ts', 'export const address = import.meta.url;\n');
    expect((await loadModule(path)).address).toBe(pathToFileURL(path).href);
  });

  it('follows imports between the files of a user, .js naming a .ts file', async () => {
    write('part.ts', exportsDefineModel);
    const path = write('whole.ts', `export { default } from './part.js';\n`);
    expect((await loadModule(path)).default).toBe(library.defineModel);
  });

  it('takes a file URL and a path from the working directory', async () => {
    const path = write('twice.ts', 'export const value = 7;\n');
    expect((await loadModule(pathToFileURL(path).href)).value).toBe(7);
    expect((await loadModule(relative(process.cwd(), path))).value).toBe(7);
  });

  it('takes the running copy of a file of ours, whichever copy is named', async () => {
    const named = ['../../src/core/errors.ts', '../../dist/src/core/errors.js'];
    for (const name of named) {
      expect((await loadModule(new URL(name, import.meta.url).href)).InputError).toBe(InputError);
    }
  });

  it('says which file does not exist', async () => {
    await expect(loadModule('./missing.ts')).rejects.toThrow(
      new InputError('faultline: there is no file ./missing.ts.'),
    );
  });

  it('says where a file cannot be read', async () => {
    const path = write('broken.ts', 'export const x: = 3;\n');
    const error = await loadModule(path).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^faultline: .*broken\.ts cannot be loaded: .*1:16$/);
  });

  it('says what a file throws while it is loaded', async () => {
    const path = write('throws.ts', `throw new Error('no luck');\n`);
    await expect(loadModule(path)).rejects.toThrow(`faultline: ${path} cannot be loaded: no luck`);
  });

  it('passes an input error of the file on as it is', async () => {
    const path = write(
      'refused.ts',
      `import { defineModel } from 'faultline';\nexport default defineModel({ name: '', build() {} });\n`,
    );
    await expect(loadModule(path)).rejects.toThrow(/^faultline: a model needs a name/);
  });
});
