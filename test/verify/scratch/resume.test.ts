/**
 * A search on disk that was stopped anywhere goes on with what its folder holds, and comes to the same; a folder of another
 * search, or one that is damaged, is refused in a sentence.
 */
import { readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { preparedness } from '../../oracles/preparedness.js';
import { cameTo, folderForTest, SMALL, searchBoth, statesInMemory, statesOnDisk, TINY } from './on-disk.js';

const MERGED = { options: { symmetry: false, por: false } };
const model = preparedness.with({ faults: 3 });

/** Stops at the n-th look. */
function stopAt(most: number): () => string | undefined {
  let looks = 0;
  return () => (++looks >= most ? 'a test' : undefined);
}

/** Searches a part of a model, and leaves the rest in a folder. */
async function begun(folder: string, looks: number): Promise<void> {
  const { disk } = await searchBoth(model, folder, { ...MERGED, stop: stopAt(looks) });
  expect(disk.stoppedBy).toBe('a test');
}

it('goes on wherever it was stopped, again and again', async () => {
  const folder = folderForTest();
  let stops = 0;
  for (let looks = 40; ; looks += 60, stops++) {
    const { memory, disk } = await searchBoth(model, folder, { ...MERGED, stop: stopAt(looks) });
    if (disk.stoppedBy === undefined) {
      expect(cameTo(disk.search, disk.states)).toEqual(cameTo(memory, memory.table.size));
      expect(statesOnDisk(folder, memory).states).toEqual(statesInMemory(memory));
      break;
    }
    expect(disk.folder.resumesAt).toBeGreaterThanOrEqual(0);
  }
  expect(stops).toBeGreaterThan(5);
});

it('goes on with other sizes', async () => {
  const folder = folderForTest();
  await begun(folder, 500);
  const { memory, disk } = await searchBoth(model, folder, { ...MERGED, sizes: SMALL });
  expect(cameTo(disk.search, disk.states)).toEqual(cameTo(memory, memory.table.size));
});

it('a search that came to its end is not searched again', async () => {
  const folder = folderForTest();
  await searchBoth(model, folder, MERGED);
  let looks = 0;
  const stop = () => {
    looks++;
    return undefined;
  };
  const { memory, disk } = await searchBoth(model, folder, { ...MERGED, stop });
  expect(looks).toBe(0);
  expect(cameTo(disk.search, disk.states)).toEqual(cameTo(memory, memory.table.size));
});

it('removes what an interrupted level left, and leaves what is not its own', async () => {
  const folder = folderForTest();
  await begun(folder, 300);
  writeFileSync(join(folder, 'new-7-1234.run'), 'half a run');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  await searchBoth(model, folder, { ...MERGED, stop: stopAt(1) });
  expect(readdirSync(folder)).not.toContain('new-7-1234.run');
  expect(readdirSync(folder)).toContain('notes.txt');
});

describe('what is of no use is refused', () => {
  it('the folder of another model', async () => {
    const folder = folderForTest();
    await begun(folder, 300);
    const other = searchBoth(preparedness.with({ faults: 2 }), folder, MERGED);
    await expect(other).rejects.toThrow(
      `faultline: ${folder} holds the search of another model ("preparedness"), of one that has changed since, or with other options; name another folder, or remove it.`,
    );
    await expect(other).rejects.toBeInstanceOf(InputError);
  });

  it('other reductions', async () => {
    const folder = folderForTest();
    await begun(folder, 300);
    await expect(searchBoth(model, folder, { options: { symmetry: true } })).rejects.toThrow('with other options');
  });

  it('a byte that is another', async () => {
    const folder = folderForTest();
    await begun(folder, 800);
    const path = lastLevel(folder);
    const bytes = readFileSync(path);
    bytes[bytes.length - 9] ^= 4;
    writeFileSync(path, bytes);
    await expectDamaged(folder, path);
  });

  it('a file that is too short', async () => {
    const folder = folderForTest();
    await begun(folder, 800);
    const path = lastLevel(folder);
    truncateSync(path, 40);
    await expectDamaged(folder, path);
  });

  it('a file that is gone', async () => {
    const folder = folderForTest();
    await begun(folder, 800);
    const path = lastLevel(folder);
    renameSync(path, `${path}.elsewhere`);
    await expectDamaged(folder, path);
  });

  it.each([
    ['is no JSON', 'not even'],
    ['misses something', '{"version":1}'],
  ])('a manifest that %s', async (_, text) => {
    const folder = folderForTest();
    await begun(folder, 300);
    writeFileSync(join(folder, 'scratch.json'), text);
    await expectDamaged(folder, join(folder, 'scratch.json'));
  });

  it('a manifest of another version', async () => {
    const folder = folderForTest();
    await begun(folder, 300);
    writeFileSync(join(folder, 'scratch.json'), '{"version":0}');
    await expect(searchBoth(model, folder, MERGED)).rejects.toThrow('was written by another version of faultline');
  });
});

async function expectDamaged(folder: string, path: string): Promise<void> {
  const again = searchBoth(model, folder, { ...MERGED, sizes: TINY });
  await expect(again).rejects.toThrow(`faultline: ${path} is not as it was written;`);
  await expect(again).rejects.toBeInstanceOf(InputError);
}

/** The level that is gone on with. */
function lastLevel(folder: string): string {
  const { levels } = JSON.parse(readFileSync(join(folder, 'scratch.json'), 'utf8')) as { levels: { file: string }[] };
  return join(folder, levels.at(-1)!.file);
}
