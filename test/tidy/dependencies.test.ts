import { expect, it } from 'vitest';
import { dependencyViolations } from './dependencies.js';

const violations = (names: string[], text: string) =>
  dependencyViolations({ dependencies: Object.fromEntries(names.map((name) => [name, '*'])) }, [
    { path: 'src/core/op.ts', text },
  ]);

it('a dependency that nobody imports sits idle', () => {
  expect(violations(['yaml'], "// import 'yaml'")).toEqual([
    'package.json: the dependency yaml is imported nowhere in src, workers, machines',
  ]);
});

it('an import that package.json does not declare is missing from an installed copy', () => {
  expect(violations([], "\nimport fc from 'fast-check';")).toEqual([
    'src/core/op.ts:2: fast-check is not among the dependencies of package.json',
  ]);
});

it.each([
  ['yaml', "import { parse } from 'yaml';"],
  ['pure-rand', "import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';"],
  ['@scope/name', "import x from '@scope/name/part';"],
  ['ora', "const { default: ora } = await import('ora');"],
])('%s is used by %s', (name, text) => {
  expect(violations([name], text)).toEqual([]);
});

it("Node's own modules and our own files need no declaration", () => {
  expect(violations([], "import 'node:fs'; import './op.js'; import '#workers/explore';")).toEqual([]);
});
