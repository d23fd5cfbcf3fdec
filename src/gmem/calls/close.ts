/** The calls that close something: a descriptor of the file, and those of its VM. Imported by the registry. */

import type { Routine } from '../../core/ops/routine.js';
import { callKind } from './call-kind.js';
import { closeFile, closeVm } from './file-end.js';

/** close(2) of the descriptor of the file. */
export const closeCall = callKind({
  name: 'close',
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds'],
  words: (owner) => `close the descriptor${owner}`,
  routine: (g) => (): Routine<number> => closeFile(g),
});

/** close(2) of the last descriptors of the VM and its vCPUs: files keep the VM from then on. */
export const closeVmCall = callKind({
  name: 'close-vm',
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds', 'vmEnds'],
  words: (owner) => `close the VM${owner}`,
  routine: (g) => (): Routine<number> => closeVm(g),
});
