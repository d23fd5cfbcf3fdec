/** Files that users write, from inside and outside the package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { InputError } from '../../src/core/errors.js';
import * as library from '../../src/index.js';
import { filesOfModule, loadModule } from '../../src/model/load-module.js';

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

  it.each(['a.ts', 'b.mjs', 'c.cjs'])('hands %s outside the package the running copy of XState', async (name) => {
    const text = name.endsWith('.cjs')
      ? "module.exports = { setup: require('xstate').setup };\n"
      : "import { setup } from 'xstate';\nexport { setup };\n";
    expect((await loadModule(write(`machine-${name}`, text))).setup).toBe(setup);
  });

  it('hands a file that another one imports the running copy, too', async () => {
    write('deep.mjs', exportsDefineModel);
    expect((await loadModule(write('shallow.mjs', "export { default } from './deep.mjs';\n"))).default).toBe(
      library.defineModel,
    );
  });

  it('hands a CommonJS file what it requires', async () => {
    write('answer.cjs', 'exports.answer = 42;\n');
    const path = write('asks.cjs', "module.exports = { ...require('./answer.cjs'), ...require('faultline') };\n");
    expect(await loadModule(path)).toMatchObject({ answer: 42, defineModel: library.defineModel });
  });

  it('reads JSON that a file imports', async () => {
    write('data.json', '{ "n": 3 }');
    const path = write('reads.mjs', "import data, { n } from './data.json';\nexport const both = [data.n, n];\n");
    expect((await loadModule(path)).both).toEqual([3, 3]);
  });

  it('loads files that import each other, at once and later', async () => {
    write('hen.mjs', "import { egg } from './egg.mjs';\nexport const hen = () => 'hen of ' + egg();\n");
    const path = write(
      'egg.mjs',
      "import { hen } from './hen.mjs';\nexport const egg = () => 'egg';\nexport const both = () => hen();\n",
    );
    expect(((await loadModule(path)).both as () => string)()).toBe('hen of egg');
    write('ying.mjs', "export const other = await import('./yang.mjs');\n");
    write('yang.mjs', "export const other = await import('./ying.mjs');\n");
    const [ying, yang] = await Promise.all(['ying.mjs', 'yang.mjs'].map((name) => loadModule(join(outside, name))));
    expect([ying.other, yang.other]).toEqual([expect.anything(), expect.anything()]);
  });

  it('says which file imports what is not there', async () => {
    write('middle.mjs', "import './missing.mjs';\n");
    const path = write('top.mjs', "import './middle.mjs';\n");
    await expect(loadModule(path)).rejects.toThrow(
      `faultline: ${join(outside, 'middle.mjs')} imports "./missing.mjs", and there is no such file or package.`,
    );
  });
});

describe('filesOfModule', () => {
  it('names a file and all that it imports, with what they said when they were loaded', async () => {
    write('leaf.ts', 'export const leaf: number = 1;\n');
    write('data.json', '{}');
    write('branch.mjs', "import './leaf.js';\nimport 'node:path';\nimport 'xstate';\n");
    write('late.mjs', 'export {};\n');
    const path = write(
      'trunk.ts',
      `import { defineModel } from 'faultline';\nimport './branch.mjs';\nimport './data.json';\n` +
        "export const late = await import(['./late', 'mjs'].join('.'));\nexport default defineModel;\n",
    );
    await loadModule(path);
    write('leaf.ts', 'changed since');
    const files = await filesOfModule(path);
    expect(files.map((file) => relative(outside, file.path))).toEqual([
      ...['branch.mjs', 'data.json', 'late.mjs', 'leaf.ts', 'trunk.ts'],
    ]);
    expect(files[3].text).toBe('export const leaf: number = 1;\n');
  });

  it('names what another module has loaded before', async () => {
    write('common.mjs', 'export {};\n');
    for (const name of ['first.mjs', 'second.mjs']) {
      const path = write(name, "import './common.mjs';\n");
      await loadModule(path);
      expect(await filesOfModule(path)).toHaveLength(2);
    }
  });

  it('is empty for what was not loaded', async () => {
    expect(await filesOfModule('./missing.ts')).toEqual([]);
  });
});
