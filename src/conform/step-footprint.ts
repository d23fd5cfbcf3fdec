/**
 * StepFootprint: which words one step looks at and changes, in the state in which it is taken. Two steps of different actors
 * whose footprints do not meet may be taken in either order. Used by the engine only.
 */

/** How a word is touched, as bits. `Own`: nothing of it but the actor's own bit. */
export const TouchKind = { Load: 1, Store: 2, Own: 4 } as const;

/** Words and how they are touched. */
export class StepFootprint {
  readonly words: number[] = [];
  readonly how: number[] = [];

  /** Adds a way in which a word is touched. */
  add(word: number, how: number): void {
    const at = this.words.indexOf(word);
    if (at >= 0) this.how[at] |= how;
    else {
      this.words.push(word);
      this.how.push(how);
    }
  }

  /** Adds all of another footprint. */
  addAll({ words, how }: StepFootprint): void {
    for (let i = 0; i < words.length; i++) this.add(words[i], how[i]);
  }

  /** Whether the order of two steps of different actors may matter. */
  meets(other: StepFootprint): boolean {
    for (let i = 0; i < this.words.length; i++) {
      const at = other.words.indexOf(this.words[i]);
      if (at >= 0 && collide(this.how[i], other.how[at])) return true;
    }
    return false;
  }
}

/** Loads commute, and so do changes of one's own bit. */
function collide(one: number, other: number): boolean {
  if (((one | other) & TouchKind.Store) !== 0) return true;
  return (
    ((one & TouchKind.Own) !== 0 && (other & TouchKind.Load) !== 0) ||
    ((one & TouchKind.Load) !== 0 && (other & TouchKind.Own) !== 0)
  );
}
