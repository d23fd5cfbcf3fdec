import { describe, expect, it } from 'vitest';
import { importFloorViolations } from './import-floors.js';

const violations = (path: string, text: string) => importFloorViolations([{ path, text }]);

describe('what the floors allow', () => {
  it.each([
    ['src/cli/explore.ts', "import { getPfn } from '../gmem/calls/get-pfn.js';"],
    ['src/cli/explore.ts', "import { explore } from '../index.js';"],
    ['src/index.ts', "export { explore } from './explore/explore.js';"],
    ['src/campaign/soak.ts', "import { live } from '../live/live.js';"],
    ['src/report/columns.ts', "import type { Result } from '../explore/result.js';"],
    ['src/report/columns.ts', "import { findingKinds } from '../core/finding-kind.js';"],
    ['src/explore/pct.ts', "import { strategy } from './strategy.js';"],
    ['src/gmem/arch/snp.ts', "import { rmpMachine } from '../../../machines/rmp.js';"],
    ['src/core/run/effects.ts', "import { Opcode } from '../ops/op.js'; import { InputError } from '../errors.js';"],
    ['src/core/ops/op.ts', "import type { Executor } from '../run/executor.js';"],
    ['src/explore/pct.ts', "import { Executor } from '../core/run/executor.js';"],
    ['src/verify/search.ts', "import { Stepper } from '../space/stepper.js';"],
    ['src/kept/replayed.ts', "import { resolveSubject } from '../subject/subject.js';"],
    ['workers/explore.ts', "import { runShard } from '../src/explore/shard.js';"],
    ['machines/folio.ts', "import { rmp } from './rmp.js'; import { setup } from 'xstate';"],
  ])('%s: %s', (path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});

describe('what the floors forbid', () => {
  it.each([
    ['an engine, gmem', 'src/explore/pct.ts', "import { schemes } from '../gmem/schemes/all.js';"],
    ['an engine, another engine', 'src/verify/search.ts', "import { replay } from '../explore/replay.js';"],
    ['gmem, an engine', 'src/gmem/model.ts', "import { explore } from '../explore/explore.js';"],
    ['report, gmem', 'src/report/columns.ts', "import type { Scheme } from '../gmem/scheme.js';"],
    ['campaign, gmem', 'src/campaign/soak.ts', "import { schemes } from '../gmem/schemes/all.js';"],
    ['campaign, report', 'src/campaign/soak.ts', "import { columns } from '../report/columns.js';"],
    ['core, primitives', 'src/core/op.ts', "import { mutex } from '../primitives/mutex.js';"],
    ['a wing of core, one above it', 'src/core/ops/op.ts', "import { Executor } from '../run/executor.js';"],
    ['the common of core, a wing', 'src/core/finding.ts', "import type { Trace } from './story/trace.js';"],
    ['the kit, what searches with it', 'src/space/plan.ts', "import type { Search } from '../verify/search.js';"],
    ['an engine that runs, the kit of verify', 'src/live/live.ts', "import { Stepper } from '../space/stepper.js';"],
    ['threads, a model', 'src/threads/worker-pool.ts', "import { loadModel } from '../model/load-model.js';"],
    ['primitives, the builder', 'src/primitives/lock.ts', "import { ModelBuilder } from '../model/model-builder.js';"],
    ['a subject, the terminal', 'src/subject/subject.ts', "import { say } from '../cli/terminal/terminal.js';"],
    ['a subject, what is kept', 'src/subject/subject.ts', "import { storyOf } from '../kept/story.js';"],
    ['what is kept, the terminal', 'src/kept/finding-keeper.ts', "import { say } from '../cli/terminal/terminal.js';"],
    ['the library, what is kept', 'src/index.ts', "export { replayed } from './kept/replayed.js';"],
    ['core, an engine in a type', 'src/core/op.ts', "type R = import('../explore/result.js').Result;"],
    ['core, an engine by re-export', 'src/core/op.ts', "export * from '../explore/result.js';"],
    ['core, an engine by import()', 'src/core/op.ts', "await import('../explore/result.js');"],
    ['primitives, gmem', 'src/primitives/mutex.ts', "import { gmem } from '../gmem/gmem.js';"],
    ['machines, core', 'machines/folio.ts', "import { findingKinds } from '../src/core/finding-kind.js';"],
    ['workers, gmem', 'workers/explore.ts', "import { gmem } from '../src/gmem/gmem.js';"],
    ['anybody, the command line', 'src/index.ts', "export { main } from './cli/main.js';"],
    ['anybody, a worker', 'src/cli/explore.ts', "import { run } from '#workers/explore';"],
    ['anybody, the tests', 'src/core/op.ts', "import { fixture } from '../../test/core/fixture.js';"],
    ['anybody, an absolute path', 'src/core/op.ts', "import { x } from '/work/x.js';"],
    ['a floor below, the library entry', 'src/gmem/model.ts', "import { defineModel } from '../index.js';"],
  ])('%s', (_, path, text) => {
    expect(violations(path, text)).toHaveLength(1);
  });

  it('names file, line and import', () => {
    expect(violations('src/gmem/model.ts', "\nimport { explore } from '../explore/explore.js';")).toEqual([
      'src/gmem/model.ts:2: gmem may not import ../explore/explore.js',
    ]);
  });

  it('says when an import of types would do', () => {
    expect(violations('src/report/columns.ts', "import { type Result } from '../explore/result.js';")).toEqual([
      'src/report/columns.ts:1: report may not import ../explore/result.js except for its types (import type)',
    ]);
  });

  it.each([
    'src/utils/x.ts',
    'src/helper.ts',
    'src/machines/x.ts',
    'core/x.ts',
    'src/toString/x.ts',
    'src/core/attic/x.ts',
  ])('a file on no floor: %s', (path) => {
    expect(violations(path, '')).toHaveLength(1);
  });
});

it('a comment or a string is no import', () => {
  const text = `// import { x } from '../gmem/x.js'\nexport const y = "import('../gmem/x.js')";`;
  expect(violations('src/core/op.ts', text)).toEqual([]);
});

it('a file that does not parse is an error and not a pass', () => {
  expect(() => violations('src/core/op.ts', 'import {')).toThrow('src/core/op.ts');
});
