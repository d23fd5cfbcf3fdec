/** A disk in memory that keeps what would survive a kill, and that fails when it is told to. */
import type { Disk } from '../../src/campaign/disk.js';

export class MemoryDisk implements Disk {
  readonly files = new Map<string, Buffer>();
  /** Appends, syncs and replacements so far. */
  changes = 0;
  /** From this change on the disk takes no more. */
  fullFrom = Number.POSITIVE_INFINITY;
  /** Bytes of a failing append that reach the disk. */
  partial = 0;
  /** Whether what they left can be cut. */
  cuts = true;
  /** Told after every change: a process may be killed there. */
  changed: () => void = () => {};

  async read(path: string): Promise<Buffer | undefined> {
    return this.files.get(path);
  }

  async openAppended(path: string) {
    let open = true;
    const write = (content: Buffer) => {
      if (!open) throw new Error(`${path} is closed`);
      this.files.set(path, content);
      this.changed();
    };
    return {
      append: async (text: string) => {
        const before = this.files.get(path) ?? Buffer.alloc(0);
        const whole = Buffer.from(text);
        if (this.#isFull()) {
          write(Buffer.concat([before, whole.subarray(0, this.partial)]));
          throw this.#noSpace();
        }
        write(Buffer.concat([before, whole]));
      },
      sync: async () => {
        if (this.#isFull()) throw this.#noSpace();
      },
      cut: async (bytes: number) => {
        if (!this.cuts) throw this.#noSpace();
        write((this.files.get(path) ?? Buffer.alloc(0)).subarray(0, bytes));
      },
      close: async () => {
        open = false;
      },
    };
  }

  async replace(path: string, text: string): Promise<void> {
    if (this.#isFull()) throw this.#noSpace();
    this.files.set(path, Buffer.from(text));
    this.changed();
  }

  /** What a process that is killed now leaves behind. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const [path, content] of this.files) copy.files.set(path, Buffer.from(content));
    return copy;
  }

  #isFull(): boolean {
    return ++this.changes > this.fullFrom;
  }

  #noSpace(): Error {
    return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }
}
