/**
 * Bundles what pages carry, each into one script that needs nothing else: `node scripts/bundle-viewer.mjs FOLDER`, which
 * scripts/setup calls. Of the viewer comes its style sheet as well.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const BANNER =
  '/*! Faultline, Apache License 2.0. With Preact 10, (c) Jason Miller, and uPlot, (c) Leon Sorokin, MIT License. */';

const folder = process.argv[2];
await bundle('src/viewer/main.tsx', 'viewer.js');
await bundle('src/viewer/live-main.tsx', 'live.js');
const styles = [join(ROOT, 'src/viewer/style.css'), fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css'))];
writeFileSync(join(folder, 'viewer.css'), styles.map((path) => squeezed(readFileSync(path, 'utf8'))).join(''));

async function bundle(entry, file) {
  await build({
    cwd: ROOT,
    input: join(ROOT, entry),
    platform: 'browser',
    tsconfig: false,
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' }, target: 'es2022' },
    output: { file: join(folder, file), format: 'iife', minify: true, banner: BANNER, codeSplitting: false },
  });
}

/** A style sheet without comments and line breaks. */
function squeezed(css) {
  return css.replace(/\/\*.*?\*\//gs, '').replace(/\s*\n\s*/g, '');
}
