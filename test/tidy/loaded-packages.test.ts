import { expect, it } from 'vitest';
import { packagesLoadedBy } from './loaded-packages.js';

const loaded = (texts: Readonly<Record<string, string>>) =>
  packagesLoadedBy(
    'src/a.ts',
    Object.entries(texts).map(([path, text]) => ({ path, text })),
  );

it('names the packages that load with a file and with whatever that loads', () => {
  const texts = {
    'src/a.ts': "import '@scope/one/part'; export { b } from './b/b.js'; export * from './c.js';",
    'src/b/b.ts': "import { three } from 'three'; import '../a.js'; import 'node:fs';",
    'src/c.ts': "import 'four/part.js';",
    'src/d.ts': "import 'five';",
  };
  expect(loaded(texts)).toEqual(['@scope/one', 'four', 'three']);
});

it('leaves out what is gone after compilation, and what is loaded when it is needed', () => {
  const texts = {
    'src/a.ts': "import type { A } from 'one'; export type { B } from './b.js'; const later = () => import('two');",
    'src/b.ts': "import 'three';",
  };
  expect(loaded(texts)).toEqual([]);
});
