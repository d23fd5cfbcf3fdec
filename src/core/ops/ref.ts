/**
 * Refs: identities (a folio, a gfn, an actor) as routines see them.
 *
 * A routine never looks inside a ref: it passes it to ops or has an op compare it, so one automaton serves every
 * folio. At run time a ref is a register of the actor that holds `index + 1` (0 is "no object").
 * Imported by every floor above; imports nothing.
 */

/** A set of identities that refs point into, such as the folios or the gfns of a model. */
export interface Domain {
  /** What one member is called in traces: `folio`, `gfn`. */
  readonly name: string;
  /** How many members there are. */
  readonly count: number;
  /** Live runs make a call on the members that its script names, and not on others that they draw. Left out: on others. */
  readonly drawn?: false;
}

/** An identity held in a register of the running actor; opaque to routines. */
export class Ref {
  constructor(
    /** Register number within the actor. */
    readonly register: number,
    /** What the identity is one of, when it is known. */
    readonly domain: Domain | undefined,
  ) {}
}

/** One of the parts of an object, when all objects of a domain have as many: the second page of a block of pages. */
export interface PartOf {
  /** What one part is called in traces: `folio`, `gfn`. */
  readonly name: string;
  /** Which of them it is, from 0 on. */
  readonly place: number;
  /** How many parts an object has. */
  readonly of: number;
}

/**
 * A ref to an object that says which of its parts is meant. To every engine it is the ref to the object; who has a cell for
 * each part picks by it which one an op is on, and traces number the parts of all objects in a row.
 */
export class PartRef extends Ref {
  constructor(
    { register, domain }: Ref,
    readonly part: PartOf,
  ) {
    super(register, domain);
  }
}

/** A constant identity, written by the model: an argument of a call, or an operand of an op. */
export class Identity {
  constructor(
    /** What the identity is one of. */
    readonly domain: Domain,
    /** Zero-based position in the domain. */
    readonly index: number,
  ) {
    if (!Number.isInteger(index) || index < 0 || index >= domain.count) {
      throw new RangeError(`${domain.name} ${index} does not exist; there are ${domain.count}`);
    }
  }
}

/** Where an op points: a constant position, a constant identity, or an identity in a register. */
export type Index = number | Identity | Ref;
