/**
 * Starts worker threads of tests. Their code is TypeScript, which Node 20 does not read; it is bundled, once a module, so
 * that a thread runs what the compiler would make of it and starts in no time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';

/** By module, the file that holds its bundle. */
const bundles = new Map<string, Promise<string>>();

// Of the process and not of a test file: several of them load this module once.
const folder = mkdtempSync(join(tmpdir(), 'faultline-lock-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

async function bundle(module: string): Promise<string> {
  await build({
    ...{ configFile: false, logLevel: 'silent', ssr: { noExternal: true } },
    build: {
      ...{ ssr: fileURLToPath(new URL(`./${module}.ts`, import.meta.url)), target: 'node20' },
      ...{ outDir: folder, emptyOutDir: false, rolldownOptions: { output: { entryFileNames: `${module}.mjs` } } },
    },
  });
  return join(folder, `${module}.mjs`);
}

/** Runs a module of this folder, named without its extension, as a thread. */
export async function startThread(module: string, workerData: unknown): Promise<Worker> {
  const file = bundles.get(module) ?? bundle(module);
  bundles.set(module, file);
  return new Worker(await file, { workerData });
}
