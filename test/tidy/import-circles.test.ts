import { expect, it } from 'vitest';
import { importCircleViolations } from './import-circles.js';

const violations = (texts: Readonly<Record<string, string>>) =>
  importCircleViolations(Object.entries(texts).map(([path, text]) => ({ path, text })));

it('refuses two files that load each other, once', () => {
  expect(violations({ 'src/a.ts': "import { b } from './b.js';", 'src/b.ts': "export { a } from './a.js';" })).toEqual([
    'src/a.ts -> src/b.ts -> src/a.ts: files that load each other in a circle',
  ]);
});

it('refuses a longer circle across folders, and names the files in it alone', () => {
  const texts = {
    'src/x.ts': "import './core/a.js';",
    'src/core/a.ts': "import '../b.js';",
    'src/b.ts': "import './core/c.js';",
    'src/core/c.ts': "await import('./a.js');",
  };
  expect(violations(texts)).toEqual([
    'src/core/a.ts -> src/b.ts -> src/core/c.ts -> src/core/a.ts: files that load each other in a circle',
  ]);
});

it('allows a circle that types close, and two ways to one file', () => {
  const texts = {
    'src/a.ts': "import './b.js'; import './c.js';",
    'src/b.ts': "import './c.js'; import type { A } from './a.js';",
    'src/c.ts': "export type { B } from './b.js';",
  };
  expect(violations(texts)).toEqual([]);
});
