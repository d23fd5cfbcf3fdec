/**
 * Measuring traits: runs the routines of a scheme in small worlds with one actor and reads off what they do. Nothing is
 * taken from a scheme's word or from which function it is: a routine that wraps another one has the traits of what
 * happens. Imported by the scheme lookup and by tests.
 */

import { InputError } from '../core/errors.js';
import { unknownName } from '../core/input-sentence.js';
import { bitOperandOf } from '../core/ops/accesses.js';
import { halvesOf } from '../core/ops/cell.js';
import type { Op } from '../core/ops/op.js';
import { Token } from '../primitives/token.js';
import type { Gmem } from './gmem.js';
import type { Scheme } from './scheme.js';
import { ANY, isOnAny, isWait, sameKind } from './schemes/rewrite.js';
import { anything, type Part, type Play, type Question, scriptNames, TraitWorld } from './trait-world.js';
import { type TraitName, type Traits, wordsOf } from './traits.js';

const measured = new WeakMap<Scheme, Traits>();

/**
 * What the routines of a scheme do. Throws InputError when the scheme declares otherwise, and what its routines throw.
 */
export function traitsOf(scheme: Scheme): Traits {
  let traits = measured.get(scheme);
  if (traits === undefined) {
    traits = measure(scheme);
    measured.set(scheme, traits);
  }
  for (const [name, value] of Object.entries(scheme.traits ?? {}) as [TraitName, string][]) {
    if (traits[name] === value) continue;
    if (traits[name] === undefined) {
      throw new InputError(`faultline: ${scheme.name}: ${unknownName('trait', name, Object.keys(traits))}`);
    }
    throw new InputError(
      `faultline: ${scheme.name} declares the trait ${name}: ${value}, but ${wordsOf(name, traits[name])} ` +
        `(${name}: ${traits[name]}).`,
    );
  }
  return traits;
}

/**
 * What a scheme no longer does of that which the scheme that it was made from declares, in a sentence without its end;
 * undefined when it does it all. A patch that changes a trait is no mistake, unlike a trait that is declared and not there:
 * so it is told and not refused, until the scheme declares the trait itself. Throws what its routines throw.
 */
export function inheritedNote(scheme: Scheme): string | undefined {
  const { inherited } = scheme;
  if (inherited === undefined) return undefined;
  const traits = traitsOf(scheme);
  const others = (Object.entries(inherited.traits) as [TraitName, string][]).filter(
    ([name, value]) => scheme.traits?.[name] === undefined && traits[name] !== value,
  );
  if (others.length === 0) return undefined;
  const { from } = inherited;
  const told = others.map(
    ([name, value]) => `${wordsOf(name, traits[name])} (trait ${name}: ${traits[name]}, in ${from} ${value})`,
  );
  const meant = others.map(([name]) => `${name}: '${traits[name]}'`).join(', ');
  return (
    `${scheme.name} is made of ${from} and does not keep what that declares: ${told.join('; ')}; if that is meant, ` +
    `declare it: traits: { ${meant} }`
  );
}

function measure(scheme: Scheme): Traits {
  const world = new TraitWorld(scheme);
  const faults = world.play('faults');
  const user = world.play('user');
  const shared = world.play('shared');
  const everything = scriptNames.map((name) => world.play(name).of());
  const [first, second, punch] = [faults.of(0), faults.of(1), faults.of(2)];
  const isHooked = (part: Part) => part.in('hook').has(anything);
  const hook = !everything.some(isHooked)
    ? 'never'
    : !isHooked(shared.of(0))
      ? 'if-private'
      : !isHooked(second)
        ? 'unprepared'
        : 'every-fault';
  return {
    hook,
    uptodate: uptodateOf(first, user.of(2), hook),
    hookLock: first.in('hook').modeAt('folio_lock', anything) ? 'folio-lock' : 'none',
    ...orderOf(first),
    faultLock: lockOf(first),
    reference: world.play('lookup').references > 1 ? 'returned' : 'dropped',
    ...checksOf(first),
    end: endOf(punch.in('invalidateEnd')),
    attributeStore: storeOf(world.play('conversion').of().in('storeAndEnd')),
    convertible: convertibleOf(user.of(1).in('makeConvertible')),
    source: sourceOf(world.play('launch').of().in('populate')),
    busyIndex: punch.in('invalidating').has((_, op) => isWait(op)) ? 'awaited' : 'ignored',
    generation: generationOf(first),
    preparedBit: bitOf(everything),
    reclaim: reclaimOf(world.play('faults').of(2)),
    ...vmsaOf(world.play('vmsa')),
    ...partsOf(new TraitWorld(scheme, ['poison', 'noDirectMap'])),
  };
}

function uptodateOf(first: Part, afterUserFault: Part, hook: Traits['hook']): Traits['uptodate'] {
  if (!first.in('getPfn').has((g, op) => sameKind(op, g.testUptodate(ANY)))) return 'unused';
  const sparesHook = afterUserFault.in('getPfn').has(anything) && !afterUserFault.in('hook').has(anything);
  return hook !== 'never' && sparesHook ? 'cleared-and-prepared' : 'cleared';
}

/** When a fault on a new folio clears it, calls the hook and marks it prepared. */
function orderOf(fault: Part): Pick<Traits, 'clear' | 'preparedMark'> {
  const clear = fault.in('getPfn').find((g, op) => sameKind(op, g.clearHighpage(ANY)));
  const hook = fault.in('hook').find(anything) ?? Number.POSITIVE_INFINITY;
  const mark = fault.in('markPrepared').find(anything);
  return {
    clear: clear === undefined ? 'never' : clear < hook ? 'before-hook' : 'after-hook',
    preparedMark:
      mark === undefined ? 'none' : mark > hook ? 'after-hook' : mark < (clear ?? 0) ? 'before-clear' : 'before-hook',
  };
}

function lockOf(fault: Part): Traits['faultLock'] {
  const mode = fault.in('getPfn').modeAt('invalidate_lock', (g, op) => isOnAny(op, [g.pages]));
  return mode === undefined ? 'none' : mode === 'read' ? 'shared' : 'exclusive';
}

function checksOf(fault: Part): Pick<Traits, 'snapshot' | 'retryCheck' | 'mapCheck'> {
  const entry = fault.in('faultinPfn');
  const take = entry.find((g, op) => sameKind(op, g.invalidateSeq.take()));
  const attribute = entry.find((g, op) => isOnAny(op, [g.attributes])) ?? Number.POSITIVE_INFINITY;
  const looks = fault.in('invalidateRetry').has((g, op) => sameKind(op, g.invalidateSeq.changed()));
  const isCheck: Question = (g, op) =>
    isOnAny(op, [g.invalidateInProgress, g.rangeStart, g.rangeEnd, g.invalidateSeq.latch]);
  const map = fault.in('mapFolio');
  return {
    snapshot: take === undefined ? 'none' : take < attribute ? 'before-attribute' : 'after-attribute',
    retryCheck: looks ? 'sequence' : 'count',
    mapCheck: !map.has(isCheck)
      ? 'none'
      : map.modeAt('mmu_lock', isCheck) === undefined
        ? 'before-mmu-lock'
        : 'under-mmu-lock',
  };
}

function endOf(end: Part): Traits['end'] {
  const sequence = end.find((g, op) => sameKind(op, g.invalidateSeq.bump()));
  const count = end.find((g, op) => op.spec.writes && isOnAny(op, [g.invalidateInProgress]));
  if (sequence === undefined || count === undefined) return 'incomplete';
  return sequence < count ? 'sequence-first' : 'count-first';
}

function storeOf(part: Part): Traits['attributeStore'] {
  const store = part.find((g, op) => op.spec.writes && isOnAny(op, [g.attributes]));
  const end = part.find((g, op) => op.spec.writes && isOnAny(op, [g.invalidateInProgress]));
  if (store === undefined || end === undefined) return 'none';
  return store < end ? 'inside' : 'after-end';
}

function convertibleOf(part: Part): Traits['convertible'] {
  const unmap = part.find((g, op) => op.spec.result === 'ref' && isOnAny(op, [g.userPtes]));
  const count = part.find((g, op) => !op.spec.writes && isOnAny(op, [g.refcounts]));
  if (unmap === undefined || count === undefined) return 'none';
  return unmap < count ? 'unmap-first' : 'count-first';
}

function sourceOf(populate: Part): Traits['source'] {
  const isFault: Question = (g, op) => isOnAny(op, [g.mmapLock.latch]);
  if (!populate.has(isFault)) return 'none';
  return populate.modeAt('invalidate_lock', isFault) === undefined ? 'pinned-first' : 'under-lock';
}

function generationOf(fault: Part): Traits['generation'] {
  const isOwn = (g: Gmem, op: Op<unknown>, make: (token: Token) => Op<unknown>) =>
    Object.values(g.own<object | undefined>() ?? {}).some((each) => each instanceof Token && sameKind(op, make(each)));
  const taken = fault.in('faultinPfn').has((g, op) => isOwn(g, op, (token) => token.take()));
  const compared = fault.in('prepareFolio').has((g, op) => isOwn(g, op, (token) => token.changed()));
  return taken && compared ? 'before-lookup' : 'none';
}

function reclaimOf(punch: Part): Traits['reclaim'] {
  if (punch.in('freeFolio').in('reclaim').has(anything)) return 'at-removal';
  return punch.in('putFolio').in('reclaim').has(anything) ? 'at-last-put' : 'elsewhere';
}

function vmsaOf(play: Play): Pick<Traits, 'vmsaLoad' | 'vmsaInvalidation'> {
  const isCompared: Question = (g, op) => sameKind(op, g.invalidateSeq.changed());
  const load = play.of(1).in('loadVmsa');
  const isInside = play.of(2).in('invalidateVmsa').modeAt('mmu_lock', anything) === 'write';
  return {
    vmsaLoad: load.modeAt('mmu_lock', isCompared) === undefined ? 'unchecked' : 'checked',
    vmsaInvalidation: isInside ? 'inside-begin' : 'none',
  };
}

/** What shows only where memory may fail, and where pages are taken out of the direct map. */
function partsOf(world: TraitWorld): Pick<Traits, 'directMap' | 'delayed'> {
  const fault = world.play('faults').of(0).in('zapDirectMap');
  const zaps = fault.has((g, op) => sameKind(op, g.folios.at(ANY).send('ZAP_DIRECT_MAP')));
  const marks = fault.has((g, op) => sameKind(op, g.folios.at(ANY).send('SET_NO_DIRECT_MAP')));
  const result = world.play('failure').of(1).in('actionResult');
  const isHandled = result.has((g, op) => sameKind(op, g.folios.at(ANY).send('REPORT_HANDLED')));
  return { directMap: !zaps ? 'kept' : marks ? 'marked' : 'unmarked', delayed: isHandled ? 'handled' : 'failed' };
}

function bitOf(parts: readonly Part[]): Traits['preparedBit'] {
  if (parts.some((part) => part.has((_, op) => halvesOf(op) !== undefined))) return 'atomic';
  const isStore: Question = (_, { spec }) => bitOperandOf(spec) !== undefined && spec.writes;
  return parts.some((part) => part.has(isStore)) ? 'plain' : 'none';
}
