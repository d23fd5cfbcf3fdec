/**
 * File: an inode as one VM has it. The VM pins no file, and the file pins the VM; memory lives as long as the inode.
 * Declared by the world.
 */

import type { CellArray } from '../../core/ops/cell.js';
import type { FileEnd } from './ends.js';
import type { Host } from './host.js';
import type { Inode } from './inode.js';
import type { Vm } from './vm.js';

/** One guest_memfd file. */
export class File {
  constructor(
    readonly vm: Vm,
    /** Who runs the VM, and maps the file. */
    readonly host: Host,
    readonly inode: Inode,
    /** What its end is seen by, in worlds that have the part. */
    readonly end?: FileEnd | undefined,
  ) {}

  /** Which gfns are private: in place it is the inode that knows, with VM attributes the VM. */
  get attributes(): CellArray {
    return (this.inode.attributes ?? this.vm.attributes)!;
  }
}
