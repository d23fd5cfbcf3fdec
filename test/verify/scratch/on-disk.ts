/** Searches on disk with sizes of one's own, and what a folder holds, for tests. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { compileModel, type Model } from '../../../src/index.js';
import { MemoryBudget } from '../../../src/space/memory-budget.js';
import { Surprise } from '../../../src/space/met.js';
import { Packing, placesInOrder } from '../../../src/space/pack.js';
import type { WantedReductions } from '../../../src/space/plan.js';
import { checkVerifyOptions, type VerifyOptions } from '../../../src/verify/options.js';
import { Preparation } from '../../../src/verify/preparation.js';
import type { BatchSizes } from '../../../src/verify/scratch/batches.js';
import { manifestSchema } from '../../../src/verify/scratch/manifest.js';
import { RunReader } from '../../../src/verify/scratch/run-file.js';
import { RunKernel } from '../../../src/verify/scratch/run-kernel.js';
import { type Scratched, ScratchRun } from '../../../src/verify/scratch/scratch-run.js';
import { Search } from '../../../src/verify/search.js';

/** So small that every level has many batches, runs and merges. */
export const TINY: BatchSizes = { states: 7, most: 24, atOnce: 3, gathered: 512, known: 2 };
/** For spaces of some ten thousand states. */
export const SMALL: BatchSizes = { states: 300, most: 1_000, atOnce: 64, gathered: 1 << 14, known: 3 };

/** A folder that is gone when the test is over. */
export function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'scratch');
}

/** What a search is made with. */
export interface Searching {
  readonly options?: VerifyOptions;
  readonly sizes?: BatchSizes;
  /** States of the search in memory that shows how states are packed. */
  readonly few?: number;
  readonly stop?: (states: number, mayEnd: boolean) => string | undefined;
}

/** A search in memory and one on disk, of the same plan; the first is undefined when the second goes on with a folder. */
export interface Both {
  readonly memory: Search;
  readonly disk: Scratched;
}

/** Searches a model in memory and on disk. */
export async function searchBoth(model: Model, folder: string, searching: Searching = {}): Promise<Both> {
  const { few = 1, stop = () => undefined, sizes = TINY } = searching;
  const options = checkVerifyOptions({ all: true, ...searching.options });
  const wanted: WantedReductions = { merge: options.merge, symmetry: options.symmetry, por: options.por };
  const prepared = new Preparation(model, await compileModel(model), options);
  prepared.walk();
  for (;;) {
    const run = await ScratchRun.open(folder, model, options, wanted);
    const facts = run.facts ?? prepared.met.facts();
    try {
      const { plan, met } = await prepared.planOf(facts, wanted);
      const settings = {
        order: 'breadth-first',
        all: options.all,
        canonical: plan.canonical,
        reduction: plan.reduction,
      } as const;
      const memory = new Search(plan.system, { ...settings, memory: new MemoryBudget() }, met);
      const first = new Search(plan.system, settings, met);
      first.run(Number.POSITIVE_INFINITY, few);
      while (!memory.over) memory.run(10_000);
      const disk = await run.run({ plan, met, facts }, run.facts === undefined ? first : undefined, stop, sizes);
      return { memory, disk };
    } catch (surprise) {
      if (!(surprise instanceof Surprise)) throw surprise;
      for (const fact of facts) prepared.met.learn(fact);
      prepared.met.learn(surprise.fact);
      run.discard();
    }
  }
}

/** What two searches of the same space must agree on. */
export function cameTo(search: Search, states: number): object {
  const { transitions, depth, completed, deadlocked, loops, sightings } = search;
  return {
    ...{ states, transitions, depth, completed, deadlocked, loops, levels: search.levels(states) },
    finalStates: sightings.finalStates.size,
    signatures: [...sightings.bySignature.keys()].sort(),
  };
}

/** All states of a search in memory as texts, sorted. */
export function statesInMemory({ table, packing, system }: Search): readonly string[] {
  const row = system.initial.slice(0, system.fields);
  const texts = Array.from({ length: table.size }, (_, number) => {
    packing.unpack(table.keys, number * table.width, row);
    return row.join();
  });
  return texts.sort();
}

/** All states that a folder holds as texts, sorted; how many layouts they were packed in. */
export function statesOnDisk(folder: string, { system }: Search): { states: readonly string[]; layouts: number } {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'scratch.json'), 'utf8')));
  const { order, learned, layouts, levels } = manifest;
  const packing = new Packing(system.initial.subarray(0, system.fields), [], Int32Array.from(order));
  for (let i = 0; i < learned.length; i += 2) packing.learn(learned[i], learned[i + 1]);
  packing.relayout();
  const ways = layouts.map((layout) => {
    const places = placesInOrder(Uint8Array.from(layout), Int32Array.from(order));
    return { places, kernel: new RunKernel(places.width, 0, 100) };
  });
  const row = system.initial.slice(0, system.fields);
  const texts = levels.flatMap(({ file, bytes, layout }) => {
    const { places, kernel } = ways[layout];
    const found: string[] = [];
    for (const packed of kernel.read(new RunReader(join(folder, file), bytes))) {
      for (let at = 0; at < packed.length; at += places.width) {
        for (let field = 0; field < system.fields; field++) {
          const code = (packed[at + places.word[field]] >>> places.shift[field]) & places.mask[field];
          row[field] = packing.valuesOf(field)[code];
        }
        found.push(row.join());
      }
    }
    return found;
  });
  return { states: texts.sort(), layouts: layouts.length };
}
