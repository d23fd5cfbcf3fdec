/**
 * Ops hash: tells whether two runs executed the same ops on the same cells.
 *
 * It covers opcode, region and position of each op in order, and neither labels nor results, so that rewording a
 * trace leaves tokens valid. FNV-1a, 32 bits (Fowler, Noll, Vo). Used by traces and tokens.
 */

const OFFSET = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** A running hash of executed ops. */
export class OpsHash {
  #hash = OFFSET;

  /** Takes in one op. `region` is '' and `position` -1 for an op that is on no cell. */
  add(code: number, region: string, position: number): void {
    const text = `${code} ${region}[${position}];`;
    let hash = this.#hash;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
    this.#hash = hash;
  }

  /** The hash of everything so far: eight hex digits. */
  get hex(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  /** The hash of everything so far folded to 16 bits, for a token that holds one for each step. */
  get folded(): number {
    return (this.#hash ^ (this.#hash >>> 16)) & 0xffff;
  }
}
