/** A claim is taken on nobody's word: what is claimed of a run is examined on the program of today. */
import { describe, expect, it } from 'vitest';
import { compileModel, defineModel, here, type Model } from '../../src/index.js';
import { type Claim, claimOf } from '../../src/verify/claim.js';
import { confirmClaim } from '../../src/verify/confirm.js';
import { verify } from '../../src/verify/verify.js';
import { abba } from '../oracles/classic/abba.js';

/** Everybody goes round until `open` is set; with `key`, somebody may set it in the end. */
const locked = defineModel({
  name: 'locked',
  parameters: { key: false },
  build(m, p) {
    const [open, tries] = [m.cell('open'), m.cell('tries')];
    m.actor('spinner', function* spinner() {
      const again = yield* here();
      if ((yield* open.read()) === 0) yield* again();
    });
    m.actor('helper', function* helper() {
      const again = yield* here();
      yield* tries.write(0);
      if (p.key && (yield* open.cmpxchg(1, 1))) return;
      if (p.key && (yield* tries.swap(0)) === 1) yield* open.write(1);
      yield* again();
    });
    if (p.key) {
      m.actor('pusher', function* pusher() {
        const again = yield* here();
        yield* tries.write(1);
        if ((yield* open.read()) === 0) yield* again();
      });
    }
  },
});

async function claimedBy(model: Model) {
  const { findings, program } = await verify(model, { all: true, coverage: false });
  const [finding] = findings;
  return { program, schedule: finding.schedule, claim: claimOf(finding) as Claim };
}

describe('a round', () => {
  it('is confirmed as what it is', async () => {
    const { program, schedule, claim } = await claimedBy(locked);
    expect(claim.kind).toBe('livelock');
    const { violation, notes } = confirmClaim(program, schedule, claim);
    expect(violation?.kind).toBe('livelock');
    expect(violation?.words).toMatch(/spinner, helper can go round for ever, and nothing/);
    expect(notes).toEqual([]);
  });

  it('is no livelock when a way leads out of it', async () => {
    const { program, schedule, claim } = await claimedBy(locked.with({ key: true }));
    expect(claim.kind).toBe('starvation');
    expect(confirmClaim(program, schedule, claim).violation?.kind).toBe('starvation');
    const { violation, notes } = confirmClaim(program, schedule, { ...claim, kind: 'livelock' } as Claim);
    expect(violation).toBeUndefined();
    expect(notes).toEqual(['A way leads out of the round.']);
  });

  it('has to come back to where it began', async () => {
    const { program, schedule, claim } = await claimedBy(locked.with({ key: true }));
    const short = { ...schedule, steps: schedule.steps.slice(0, -1) };
    expect(confirmClaim(program, short, claim).notes).toEqual([
      'The run does not come back to where its round begins.',
    ]);
  });
});

describe('an order of locks', () => {
  it('is confirmed, and what one run does not show of it is named', async () => {
    const { program, schedule, claim } = await claimedBy(abba.with({ gated: true }));
    const { violation, notes } = confirmClaim(program, schedule, claim);
    expect(violation?.words).toMatch(/wait for each other for ever \(here gate keeps them apart\)$/);
    expect(notes.length).toBeLessThan(2);
    for (const note of notes) expect(note).toMatch(/is seen in another run/);
  });

  it('is refuted when the locks are taken in one order', async () => {
    const { schedule, claim } = await claimedBy(abba.with({ gated: true }));
    const program = await compileModel(abba.with({ broken: false, gated: true }));
    const none = { ...schedule, steps: schedule.steps.slice(0, 1) };
    expect(confirmClaim(program, none, claim).violation).toBeUndefined();
  });
});
