/**
 * Checked file: loads a model or a scheme and builds it, which refuses what breaks a rule of modelling; goes through its
 * routines as far as their results lead; and has the types checked by the compiler of the user's own project. Imported by
 * the verb.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../core/errors.js';
import type { Program } from '../../core/program/program.js';
import { nodesWithinReach } from '../../core/story/reach.js';
import { explore } from '../../explore/explore.js';
import { packageRoot } from '../../gmem/scenarios/package-root.js';
import { parsedScenario } from '../../gmem/scenarios/parsed-scenarios.js';
import { loadScheme } from '../../gmem/scheme-lookup.js';
import { noSuchFile } from '../../model/absent-file.js';
import { loadModule } from '../../model/load-module.js';
import { isModel } from '../../model/model.js';
import { programNotes } from '../../report/program-notes.js';
import { plural } from '../../report/quantities.js';
import { modelSubject } from '../../subject/model-subject.js';
import { schemeFileOf, worldSubject } from '../../subject/scenario-subject.js';
import { schemeNotes } from '../../subject/scheme-note.js';
import { watchdog } from '../terminal/interrupt.js';

/** What a file came to. */
export interface CheckedFile {
  /** A sentence without its end: `model "queue": 2 actors, 4 cells, 1 check`. */
  readonly what: string;
  /** What was looked at. */
  readonly looked: string;
  /** What the compiler says, or why it was not asked. */
  readonly types: string;
  /** What is no slip and should be known, in sentences without their end. */
  readonly notes: readonly string[];
}

/** Schedules that every routine is taken through: enough to come to every op that one test leads to. */
const SCHEDULES = 50;

/** Time for the compiler. */
const MOST_MS = 120_000;

/**
 * Checks a file.
 *
 * @throws InputError for a file that exports neither, and for errors of type; ModelError for a slip
 */
export async function checkedFile(file: string, settings: Readonly<Record<string, string>>): Promise<CheckedFile> {
  if (!existsSync(file)) throw new InputError(`faultline: ${noSuchFile(file)}`);
  const types = typesOf(file);
  const module = await loadModule(file);
  const isOfModel = [module.default, module.model, ...Object.values(module)].some(isModel);
  const model = isOfModel ? (await modelSubject(file, settings)).model : await schemeModel(file);
  const options = { schedules: SCHEDULES, keepGoing: true, shrink: false, coverage: false };
  const { stats, program } = await explore(model, { ...options, guard: watchdog() });
  const nodes = nodesWithinReach(program, () => [0, 1]);
  const ops = plural(nodes.length, 'local state');
  return {
    what: isOfModel ? whatOf(program) : `a scheme of guest_memfd, in the scenario fault-vs-convert`,
    looked: `its build was run twice, ${ops} of its routines were looked at, and ${plural(stats.schedules, 'schedule')} run`,
    types,
    notes: [...programNotes(program), ...(isOfModel ? [] : await schemeNotes([file]))],
  };
}

async function schemeModel(file: string) {
  await loadScheme(file);
  const scenario = await parsedScenario('fault-vs-convert');
  return (await worldSubject(scenario, file, await schemeFileOf(file))).model;
}

function whatOf({ name, actors, layout, always, finally: ends }: Program): string {
  const cells = layout.regions.filter(({ isPlane }) => !isPlane).length;
  const parts = [plural(actors.length, 'actor'), plural(cells, 'cell'), plural(always.length + ends.length, 'check')];
  return `model "${name}": ${parts.join(', ')}`;
}

/** Has TypeScript check a file; what it came to. @throws InputError with the compiler's first error */
function typesOf(file: string): string {
  if (!/\.[cm]?ts$/.test(file)) return 'not checked, for it is JavaScript';
  const path = realpathSync(resolve(file));
  const compiler = compilerNear(path);
  if (compiler === undefined)
    return 'not checked, for there is no TypeScript near it (npm install --save-dev typescript)';
  const folder = mkdtempSync(join(tmpdir(), 'faultline-check-'));
  try {
    const root = packageRoot(import.meta.url);
    const config = {
      compilerOptions: {
        ...{
          target: 'ES2022',
          module: 'ESNext',
          moduleResolution: 'bundler',
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: [],
        },
        paths: {
          faultline: [join(root, 'dist/src/index.d.ts')],
          'faultline/gmem': [join(root, 'dist/src/gmem/public.d.ts')],
        },
      },
      files: [path],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const words = [compiler, '-p', folder, '--pretty', 'false'];
    const { status, stdout, error } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: MOST_MS });
    if (error !== undefined) return `not checked, for the compiler did not come back (${error.message})`;
    if (status === 0) return `checked by TypeScript (${dirname(dirname(compiler))})`;
    throw new InputError(`faultline: ${firstError(stdout, path, file)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The compiler of the project that a file lies in, or else of ours, where it is there. */
function compilerNear(path: string): string | undefined {
  for (const from of [path, import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve('typescript/package.json');
      const compiler = join(dirname(manifest), 'bin', 'tsc');
      if (existsSync(compiler)) return compiler;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** `queue.ts:12: Type 'string' is not assignable to type 'number'`, and how many more there are. */
function firstError(output: string, path: string, file: string): string {
  const errors = [...output.matchAll(/^(.+?)\((\d+),\d+\): error TS\d+: (.*)$/gm)];
  const [first] = errors;
  if (first === undefined) return `${file}: ${output.trim().split('\n')[0] || 'the compiler failed'}.`;
  const [, where, line, text] = first;
  const place = resolve(where) === path || where.endsWith(path.split('/').pop() ?? '') ? file : where;
  const more = errors.length === 1 ? '' : ` (and ${plural(errors.length - 1, 'more error')})`;
  return `${place}:${line}: ${text.replace(/\.$/, '')}${more}.`;
}
