/** A disk that is full ends a search on disk in a sentence; what was kept is kept, and is gone on with. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { expect, it, onTestFinished } from 'vitest';
import { verify } from '../../../src/index.js';
import { preparedness } from '../../oracles/preparedness.js';
import { folderForTest } from './on-disk.js';

/** Lets so many bytes be written to files, until the function that is returned is called. */
function roomFor(bytes: number): () => void {
  const { writeSync } = fs;
  let left = bytes;
  const put = (write: unknown): void => {
    Object.assign(fs, { writeSync: write });
    syncBuiltinESMExports();
  };
  put((file: number, block: Uint8Array, from: number, length: number, to: number): number => {
    left -= length;
    if (left < 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    return writeSync(file, block, from, length, to);
  });
  return () => put(writeSync);
}

it('says so, keeps the levels before, and goes on once there is room', async () => {
  const scratch = folderForTest();
  const model = preparedness.with({ faults: 3 });
  const options = { all: true, symmetry: false, por: false, coverage: false, aloneUntil: 1, scratch } as const;
  const makeRoom = roomFor(12_000);
  onTestFinished(makeRoom);
  const part = await verify(model, options);
  makeRoom();
  expect(part.stoppedBy).toBe(`the end of what ${scratch} can hold: no space is left on the disk (ENOSPC)`);
  expect(part.verdict).toBe('inconclusive');
  expect(part.folder?.resumesAt).toBeGreaterThan(3);
  const { verdict, states, transitions } = await verify(model, options);
  expect({ verdict, states, transitions }).toEqual({ verdict: 'verified', states: 5_927, transitions: 14_091 });
});
