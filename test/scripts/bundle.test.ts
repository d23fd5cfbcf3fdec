/** What scripts/bundle.mjs makes: fewer files, in which every source file still has its place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../cli/run-cli.js';

const dist = join(root, 'dist');
const bundles = join(dist, 'src', 'bundles');
const filesOf = (folder: string, ending: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

/** Files of ours that load with a file. */
function loadedWith(file: string): string[] {
  const imports = /^(?:import|export)\b[^;]*?"(\.[^"]+)";$/gm;
  return [...readFileSync(file, 'utf8').matchAll(imports)].map(([, specifier]) => resolve(dirname(file), specifier));
}

it('a built file stands in the place of every source file, with its types', () => {
  const sources = ['src', 'workers', 'machines'].flatMap((top) => filesOf(join(root, top), '.ts'));
  const places = sources
    // Another compiler reads those of kernels; those of pages go into scripts for browsers.
    .filter((path) => !/^src.(?:kernels|viewer|tryout.engine)/.test(path.slice(root.length)))
    .map((path) => join(dist, path.slice(root.length).replace(/\.ts$/, '')));
  expect(places.length).toBeGreaterThan(500);
  expect(places.filter((place) => !existsSync(`${place}.js`) || !existsSync(`${place}.d.ts`))).toEqual([]);
});

it('bundles import each other in no circle', () => {
  const files = filesOf(bundles, '.js');
  expect(files.length).toBeLessThan(100);
  const over = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path, file]);
    else if (!over.has(file)) for (const next of loadedWith(file)) visit(next, [...path, file]);
    over.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

it('what is known by its place in a stack is not bundled with anything else', () => {
  const modulesOf = (file: string) =>
    [...readFileSync(file, 'utf8').matchAll(/^\/\/#region (\S+)$|^\/\/ (\S+\.ts)$/gm)].map(
      ([, one, other]) => one ?? other,
    );
  const named = ['feeder', 'loop', 'routine'].map((name) => modulesOf(join(bundles, `${name}.js`)));
  expect(named).toEqual([['src/core/automaton/feeder.ts'], ['src/core/ops/loop.ts'], ['src/core/ops/routine.ts']]);
  const isLibrary = /^src\/(?:core\/ops|primitives)\/|^src\/gmem\/gmem\.ts$/;
  for (const file of filesOf(bundles, '.js').filter((path) => !/[\\/](?:feeder|loop|routine)\.js$/.test(path))) {
    const modules = modulesOf(file);
    const library = modules.filter((module) => isLibrary.test(module));
    expect(modules.length, file).toBeGreaterThan(0);
    expect(library, file).toEqual(/[\\/]ops-/.test(file) ? modules : []);
  }
});
