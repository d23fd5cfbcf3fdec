/**
 * What the model had to be taught by real traces: with each of these rules as it was before, a trace is refused that the
 * model explains now.
 */
import { describe, expect, it } from 'vitest';
import { conform } from '../../../src/conform/conform.js';
import type { ObservedEvent } from '../../../src/conform/observed.js';
import { unguarded } from '../../../src/core/guard.js';
import { recordedOf } from '../../../src/gmem/ftrace/recorded.js';
import { recordedModel } from '../../../src/gmem/ftrace/recorded-model.js';
import { type Parts, RECORDED_WORLD } from '../../../src/gmem/parts.js';
import { defineScheme, type Scheme } from '../../../src/gmem/scheme.js';
import { v2HookEveryFault } from '../../../src/gmem/schemes/v2-hook-every-fault.js';
import { compileUnder } from '../../../src/model/model.js';
import { type FixtureName, traceOf } from './fixture-traces.js';

/** Changes how an event is observed. */
type Change = (event: ObservedEvent) => ObservedEvent;

/** What comes of a trace in a world with other rules. */
async function held(
  name: FixtureName,
  rules: Partial<Parts>,
  scheme: Scheme = v2HookEveryFault,
  change: Change = (event) => event,
) {
  const { model, observation } = recordedModel(recordedOf(traceOf(name)), scheme, [], { ...RECORDED_WORLD, ...rules });
  const program = await compileUnder(model, unguarded, { notesCrossings: true });
  const observed = observation(program);
  const { verdict, event, reasons } = conform(program, { ...observed, events: observed.events.map(change) });
  return { verdict, event: event?.text.split(':')[0], reasons: reasons.map(({ words }) => words) };
}

describe('a rule as it was', () => {
  it.each<[string, FixtureName, Partial<Parts>, { event: string; reason: RegExp }]>([
    [
      'a map that meets another vCPU never loses to it',
      'f2',
      { mapsMeet: false },
      { event: 'map_out', reason: /the model does tracepoint kvm_tdp_mmu_spte_changed first/ },
    ],
    [
      'a user PTE is removed without a word to KVM',
      'f4',
      { slotMapsFile: false },
      { event: 'unmap_mapping_folio', reason: /the model does tracepoint mm_filemap_delete_from_page_cache first/ },
    ],
    [
      'truncation looks for folios in an empty file too',
      'f2',
      { pageCount: false },
      { event: 'trunc_out', reason: /find_lock_entries/ },
    ],
  ])('%s: refused', async (_, name, rules, { event, reason }) => {
    expect((await held(name, {})).verdict).toBe('explained');
    const refused = await held(name, rules);
    expect(refused).toMatchObject({ verdict: 'refused', event });
    expect(refused.reasons.join('; ')).toMatch(reason);
  });

  it('what is read without mmu_lock is read at the time of the event, and not behind it: refused', async () => {
    const { verdict, event, reasons } = await held('i3', {}, v2HookEveryFault, ({ later, ...seen }) =>
      later === undefined
        ? seen
        : { ...seen, check: (look) => later.map(({ take }) => take(look)).find((words) => words !== undefined) },
    );
    expect({ verdict, event }).toEqual({ verdict: 'refused', event: 'get_pfn_in' });
    expect(reasons.join('; ')).toMatch(/(seq|inprog|rs|re) is -?\d+ in the model/);
  });

  it('ordinary memory has a sequence of its own: a trace drops a fault on it for a punch of the file', () => {
    const dropped = traceOf('f2').lines.filter(
      ({ event, text }) => event === 'stale_out' && / ret=1 .*gfn=0x[0-9a-f]{1,4} /.test(text),
    );
    expect(dropped.map(({ text }) => /mmu_seq=\d+ kseq=\d+/.exec(text)?.[0])).toEqual(['mmu_seq=0 kseq=1']);
  });

  it('every map installs, also what is there already: refused', async () => {
    const scheme = defineScheme(v2HookEveryFault, {
      name: 'installs-always',
      *mapFolio(g, gfn, folio, isPrivate) {
        yield* g.sptes(isPrivate).at(gfn).write(null);
        return yield* v2HookEveryFault.mapFolio(g, gfn, folio, isPrivate);
      },
    });
    const { verdict, reasons } = await held('d2', {}, scheme);
    expect(verdict).toBe('refused');
    expect(reasons.join('; ')).toMatch(/spte|kvm_tdp_mmu_map/);
  });
});
