/**
 * Bundles what pages carry, each into one script that needs nothing else: `node scripts/bundle-viewer.mjs FOLDER`, which
 * scripts/setup calls. Of the viewer comes its style sheet as well.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const folder = process.argv[2];
await bundle('src/viewer/main.tsx', 'viewer.js', 'With Preact 10, (c) Jason Miller, MIT License.');
await bundle(
  'src/viewer/live-main.tsx',
  'live.js',
  'With Preact 10, (c) Jason Miller, and uPlot, (c) Leon Sorokin, MIT License.',
);
await bundle('src/tryout/engine.ts', 'engine.js', 'With XState 5, (c) David Khourshid, MIT License.');
const styles = [join(ROOT, 'src/viewer/style.css'), fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css'))];
writeFileSync(join(folder, 'viewer.css'), styles.map((path) => squeezed(readFileSync(path, 'utf8'))).join(''));

async function bundle(entry, file, others) {
  await build({
    cwd: ROOT,
    input: join(ROOT, entry),
    platform: 'browser',
    tsconfig: false,
    onLog: refuseWarnings,
    // Where a module lies is a question to Node alone (src/core/node-module.ts).
    transform: {
      define: { 'import.meta.url': 'undefined' },
      jsx: { runtime: 'automatic', importSource: 'preact' },
      target: 'es2022',
    },
    output: {
      file: join(folder, file),
      format: 'iife',
      minify: true,
      banner: `/*! Faultline, Apache License 2.0. ${others} */`,
      codeSplitting: false,
    },
  });
}

/** A module of Node, above all, which no page has: src/core/node-module.ts is how to do without. */
function refuseWarnings(level, { message }) {
  if (level === 'warn') throw new Error(message);
}

/** A style sheet without comments and line breaks. */
function squeezed(css) {
  return css.replace(/\/\*.*?\*\//gs, '').replace(/\s*\n\s*/g, '');
}
