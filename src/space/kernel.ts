/**
 * Kernels: WebAssembly that walks remembered steps (../kernels), over memory that both sides see. Loaded when a search or
 * walk is large enough for it; what cannot load one goes on without. Used by the engines.
 */

import { readFileSync } from 'node:fs';
import { builtFile } from '../core/built-file.js';

/** What a kernel works on. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of WebAssembly that is used: Node's types leave it to the DOM's, which are not those of a program without one. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (pages: { initial: number; maximum: number; shared: boolean }) => GrowingMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

/** Bytes of a page, by which memories grow. */
export const KERNEL_PAGE = 1 << 16;

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: Wasm };

/** Compiled kernels, by name; undefined for those that are not to be had. */
const compiled = new Map<string, object | undefined>();

/** What a kernel exports, over a memory; undefined when the package is not built. `calls`: what it calls itself. */
export function loadKernel<Exports extends object>(
  name: string,
  memory: KernelMemory,
  calls: object = {},
): Exports | undefined {
  if (!compiled.has(name)) compiled.set(name, compile(name));
  const module = compiled.get(name);
  return module && (new wasm.Instance(module, { env: { memory }, [name]: calls }).exports as Exports);
}

function compile(name: string): object | undefined {
  const path = builtFile(`#kernels/${name}`);
  return path === undefined ? undefined : new wasm.Module(readFileSync(path));
}

/**
 * A memory of that many bytes, or of half as many, a quarter, ... down to `least`; undefined when there is none. What nobody
 * has written to takes no room, so all of it can be laid out beforehand, and it never grows. `shared`: by threads.
 */
export function newKernelMemory(bytes: number, least: number, shared = false): KernelMemory | undefined {
  for (let pages = Math.ceil(bytes / KERNEL_PAGE); pages * KERNEL_PAGE >= least; pages >>= 1) {
    try {
      return new wasm.Memory({ initial: pages, maximum: pages, shared });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undefined;
}

/** A memory that grows. */
export interface GrowingMemory extends KernelMemory {
  /** Adds pages; `buffer` is another then. */
  grow(pages: number): void;
}

/** A memory that begins with so many bytes, for what is made often: what is large makes the collector of garbage run. */
export function newGrowingMemory(bytes: number, most: number): GrowingMemory {
  const [initial, maximum] = [bytes, most].map((each) => Math.ceil(each / KERNEL_PAGE));
  return new wasm.Memory({ initial, maximum, shared: false });
}
