/**
 * The house rules that a machine can check, applied to the repository as it lies on the disk. Each rule is a function in
 * test/tidy, with a test beside it that breaks it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { callNames } from '../src/gmem/calls/registry.js';
import { callNameViolations } from './tidy/call-names.js';
import { dependencyViolations } from './tidy/dependencies.js';
import { determinismViolations } from './tidy/determinism.js';
import { fileShapeViolations } from './tidy/file-shape.js';
import { importCircleViolations } from './tidy/import-circles.js';
import { importFloorViolations } from './tidy/import-floors.js';
import { packagesLoadedBy } from './tidy/loaded-packages.js';
import { namedExportViolations } from './tidy/named-exports.js';
import { oneNameViolations } from './tidy/one-name.js';
import { readSourceFiles } from './tidy/source-file.js';
import { topLevelViolations } from './tidy/top-level.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const code = readSourceFiles(root, ['src', 'workers', 'machines'], /\.[cm]?[jt]sx?$/);
const scenarios = readSourceFiles(root, ['src'], /\.ya?ml$/);

it('there are files to look at', () => {
  expect(code.map(({ path }) => path)).toContain('src/core/errors.ts');
});

it('every file imports only from its own floor or below', () => {
  expect(importFloorViolations(code)).toEqual([]);
});

it('files load each other in no circle', () => {
  expect(importCircleViolations(code)).toEqual([]);
});

it('importing the library waits for no package that few of its users need', () => {
  // Each thread that runs a user's model imports it. rxjs, piscina, yaml and zod took half of a second.
  expect(packagesLoadedBy('src/index.ts', code)).toEqual(['picocolors', 'pure-rand', 'string-width', 'xstate']);
});

it('calls are listed in their registry and nowhere else', () => {
  expect(callNameViolations(code, callNames)).toEqual([]);
});

it('the model and the controlled engines read no clock and no foreign randomness', () => {
  expect(determinismViolations(code)).toEqual([]);
});

it('src has named exports only', () => {
  expect(namedExportViolations(code)).toEqual([]);
});

it('a name that is exported stands for one thing', () => {
  expect(oneNameViolations(code)).toEqual([]);
});

it('every file in src opens with a comment and stays within 400 lines', () => {
  expect(fileShapeViolations([...code, ...scenarios])).toEqual([]);
});

it('the map of the house names files that exist', () => {
  const map = readFileSync(join(root, 'src/README.md'), 'utf8');
  const named = [...map.matchAll(/`([\w/-]+\/[\w.-]+\.ts)`/g)].map(([, path]) => path);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(root, 'src', path)) && !existsSync(join(root, path)))).toEqual([]);
});

it('dependencies and imports agree', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(
    dependencyViolations(
      manifest,
      code.filter(({ path }) => !isBundled(path)),
    ),
  ).toEqual([]);
});

it('what goes into pages is there when they are built, and an installed copy does without', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packages = { dependencies: { preact: devDependencies.preact } };
  expect(
    dependencyViolations(
      packages,
      code.filter(({ path }) => isBundled(path)),
    ),
  ).toEqual([]);
});

it('the top level holds what the layout says and nothing else', ({ skip }) => {
  const paths = filesGitKnows();
  if (paths === undefined) return skip('git, or its repository, is absent: nothing tells our files from build output');
  expect(topLevelViolations(paths)).toEqual([]);
});

/** Part of the script of pages. */
function isBundled(path: string): boolean {
  return path.startsWith('src/viewer/');
}

/** Tracked files, and new ones that are not ignored; undefined outside of a git work tree. */
function filesGitKnows(): string[] | undefined {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const;
    const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], options);
    return listing.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  } catch {
    return undefined;
  }
}
