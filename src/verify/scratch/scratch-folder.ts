/**
 * Scratch folder: the files of one search on disk, and the manifest that says which of them count. Used by the search on
 * disk.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import { replaceFile } from '../../core/replace-file.js';
import { DamagedFolder } from './damaged-folder.js';
import { type Manifest, manifestSchema, SCRATCH_VERSION } from './manifest.js';
import { type Run, RunReader, RunWriter } from './run-file.js';

const MANIFEST = 'scratch.json';
/** Names of files that are ours to remove. */
const OURS = /^(?:level|known|new|final)-\d+-\d+\.run$|^scratch\.json\.tmp$/;

/** A run that is being written. */
export interface OpenRun {
  readonly writer: RunWriter;
  /** Ends it; the run, with so many states. */
  end(states: number): Run;
}

/** A folder with the files of a search. */
export class ScratchFolder {
  /** The manifest that was found or written last. */
  manifest: Manifest | undefined;
  /** Bytes of the files that are there now, as far as this process knows. */
  readonly #bytes = new Map<string, number>();
  /** Makes names that no earlier file has. */
  #next = 0;

  private constructor(readonly path: string) {}

  /**
   * Opens a folder, or makes it.
   *
   * @throws InputError when it cannot be, or holds the search of something else than `of`; DamagedFolder
   */
  static open(path: string, of: string): ScratchFolder {
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      throw new InputError(`faultline: --scratch ${path}: no folder can be made there: ${(error as Error).message}.`);
    }
    const folder = new ScratchFolder(path);
    folder.manifest = folder.#read();
    if (folder.manifest !== undefined && folder.manifest.of !== of) {
      const { model } = folder.manifest;
      throw new InputError(
        `faultline: ${path} holds the search of another model ("${model}"), of one that has changed since, or with other options; name another folder, or remove it.`,
      );
    }
    return folder;
  }

  /** Bytes of all files. */
  get bytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes.values()) sum += bytes;
    return sum;
  }

  #read(): Manifest | undefined {
    const path = join(this.path, MANIFEST);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new InputError(`faultline: ${path} cannot be read: ${(error as Error).message}.`);
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new DamagedFolder(path);
    }
    if ((parsed as { version?: unknown } | null)?.version !== SCRATCH_VERSION) {
      throw new InputError(`faultline: ${path} was written by another version of faultline; remove the folder.`);
    }
    const checked = manifestSchema.safeParse(parsed);
    if (!checked.success) throw new DamagedFolder(path);
    for (const run of [...checked.data.levels, ...checked.data.known]) this.#bytes.set(run.file, run.bytes);
    return checked.data;
  }

  /** Begins a run. */
  begin(kind: 'level' | 'known' | 'new', level: number, layout: number): OpenRun {
    const file = `${kind}-${level}-${this.#number()}.run`;
    const writer = new RunWriter(join(this.path, file));
    const end = (states: number): Run => {
      writer.end();
      this.#bytes.set(file, writer.bytes);
      return { file, states, bytes: writer.bytes, layout };
    };
    return { writer, end };
  }

  /** Reads a run. */
  read({ file, bytes }: Run): RunReader {
    return new RunReader(join(this.path, file), bytes);
  }

  /** Removes runs that no manifest names. */
  remove(runs: readonly Run[]): void {
    for (const { file } of runs) this.#remove(file);
  }

  #remove(file: string): void {
    rmSync(join(this.path, file), { force: true });
    this.#bytes.delete(file);
  }

  /** Writes final states to a file of their own. */
  async writeFinalStates(level: number, states: Int32Array): Promise<Manifest['finalStates']> {
    const file = `final-${level}-${this.#number()}.run`;
    const bytes = new Uint8Array(states.buffer, states.byteOffset, states.byteLength);
    const handle = await open(join(this.path, file), 'w');
    try {
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    this.#bytes.set(file, bytes.length);
    return { file, bytes: bytes.length, digest: digestOf(bytes) };
  }

  /** Reads final states. @throws DamagedFolder */
  readFinalStates({ file, bytes, digest }: Manifest['finalStates']): Int32Array {
    const path = join(this.path, file);
    let content: Buffer;
    try {
      content = readFileSync(path);
    } catch {
      throw new DamagedFolder(path);
    }
    if (content.length !== bytes || digestOf(content) !== digest) throw new DamagedFolder(path);
    return new Int32Array(Uint8Array.from(content).buffer);
  }

  /** Makes a manifest the one that counts, once all that it names is on the disk, and removes what it does not name. */
  async commit(manifest: Manifest): Promise<void> {
    const before = new Set(this.manifest === undefined ? [] : filesOf(this.manifest));
    const files = new Set(filesOf(manifest));
    for (const file of files) {
      if (before.has(file)) continue;
      const handle = await open(join(this.path, file), 'r+');
      await handle.datasync().finally(() => handle.close());
    }
    await replaceFile(join(this.path, MANIFEST), JSON.stringify(manifest));
    this.manifest = manifest;
    this.tidy();
  }

  /** Removes our files that the manifest does not name. */
  tidy(): void {
    const files = new Set(this.manifest === undefined ? [] : filesOf(this.manifest));
    for (const file of readdirSync(this.path)) if (OURS.test(file) && !files.has(file)) this.#remove(file);
  }

  /** Removes everything that is ours: the search begins anew. */
  clear(): void {
    rmSync(join(this.path, MANIFEST), { force: true });
    this.manifest = undefined;
    this.tidy();
  }

  /** A number that no file of the manifest has in its name. */
  #number(): number {
    if (this.#next === 0 && this.manifest !== undefined) {
      for (const file of filesOf(this.manifest))
        this.#next = Math.max(this.#next, Number(/-(\d+)\.run$/.exec(file)![1]));
    }
    this.#next++;
    return this.#next;
  }
}

function filesOf({ levels, known, finalStates }: Manifest): readonly string[] {
  return [...[...levels, ...known].map(({ file }) => file), finalStates.file];
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
