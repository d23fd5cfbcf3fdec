import { describe, expect, it } from 'vitest';
import type { LiveFinding, LiveHistoryStep } from '../../src/live/live-finding.js';
import { callText, liveHistory, liveTitle, unconfirmedText } from '../../src/report/live-history.js';

const ACTORS = ['vCPU0', 'puncher'];

function step(actor: number, op: string, value: string, version: number | undefined = 1): LiveHistoryStep {
  return { actor, actorName: ACTORS[actor], function: 'kvm_gmem_get_folio', op, value, version, order: 0 };
}

function finding(history: readonly LiveHistoryStep[], changes: Partial<LiveFinding> = {}): LiveFinding {
  return {
    ...{ kind: 'host-rmp-fault', words: 'the kernel dies', rule: 'folio rmp.hostRmpFault' },
    signature: { kind: 'host-rmp-fault', cell: 'folio', function: 'kvm_gmem_prepare_folio', op: 'clear_highpage(*)' },
    ...{ epoch: 1, seconds: 1.5, calls: 100, faults: 10, actor: 0, cell: 'folio' },
    ...{
      function: 'kvm_gmem_prepare_folio',
      op: 'clear_highpage(folio 0)',
      wordsAbout: [{ word: 0, name: 'folio[0]' }],
    },
    call: { call: 1, name: 'read gfn 0', identities: [3], result: undefined },
    history,
    actors: [
      {
        ...{ actor: 0, actorName: 'vCPU0', completed: [], held: [{ lock: 'folio_lock[0]', mode: 'write' }] },
        at: { function: 'kvm_gmem_prepare_folio', op: 'clear_highpage(folio 0)', opClass: 'clear_highpage(*)' },
        inFlight: { call: 1, name: 'read gfn 0', identities: [3], result: undefined },
      },
      {
        ...{ actor: 1, actorName: 'puncher', at: undefined, inFlight: undefined, held: [] },
        completed: [{ call: 0, name: 'punch hole gfns 0-1', identities: [2, 3], result: 0 }],
      },
    ],
    waits: [],
    ...changes,
  };
}

const linesOf = (each: LiveFinding) => liveHistory(each).split('\n');

it('a finding that no schedule shows is told as what it is', () => {
  const own = unconfirmedText('64,000 schedules', 'the model', 'model');
  expect(own).toContain('None of 64,000 schedules of the model shows it.');
  expect(own).toContain("a defect of Faultline's live engine, and not of what was run");
  expect(unconfirmedText('2 schedules', '3 scenarios around it', 'cuts')).toContain(
    'of the cut, which may have left out',
  );
  expect(unconfirmedText('2 schedules', 'the model', 'scripts')).toContain(
    'more calls than the scripts of the model have',
  );
});

describe('the past of the word', () => {
  it('shows the whole value once, then what each step changed, and last the op that was refused', () => {
    const lines = linesOf(
      finding([
        step(1, 'folio[0] <- INSERT', 'contents zero, presence cached, rmp unassigned'),
        step(0, 'folio->mapping == mapping', 'contents zero, presence cached, rmp unassigned'),
        step(0, 'rmp_make_private(folio 0)', 'contents zero, presence cached, rmp assigned', 2),
      ]),
    );
    expect(lines.slice(0, 8)).toEqual([
      'Last on folio[0], in the order of its events:',
      '  puncher  kvm_gmem_get_folio: folio[0] <- INSERT -> contents zero, presence',
      '               cached, rmp unassigned',
      '  vCPU0    kvm_gmem_get_folio: folio->mapping == mapping',
      '           kvm_gmem_get_folio: rmp_make_private(folio 0) -> rmp assigned',
      '           kvm_gmem_prepare_folio: clear_highpage(folio 0)',
      '               *** host-rmp-fault ***',
      '',
    ]);
  });

  it('counts what actors repeat without a change, and shows everything else once', () => {
    const mapped = 'guest private';
    const accesses = Array.from({ length: 40 }, (_, k) =>
      step(0, k % 2 === 0 ? 'guest writes' : 'guest reads', mapped),
    );
    const text = liveHistory(
      finding([step(0, 'MAP', mapped), ...accesses, step(1, 'test', mapped), step(0, 'guest reads', mapped)]),
    );
    expect(text.match(/^.*(guest|more|test).*$/gm)).toEqual([
      '  vCPU0    kvm_gmem_get_folio: MAP -> guest private',
      '           kvm_gmem_get_folio: guest writes',
      '           kvm_gmem_get_folio: guest reads',
      '           ... 38 more of the same',
      '  puncher  kvm_gmem_get_folio: test',
      '           ... 1 more of the same',
    ]);
  });

  it('keeps the last lines and says how many there were before', () => {
    const text = liveHistory(finding(Array.from({ length: 50 }, (_, k) => step(k % 2, `op ${k}`, String(k)))));
    expect(text).toContain('\n           ... 30 lines before these\n');
    expect(text).not.toContain('op 29 ');
    expect(text).toContain('op 30 -> 30');
  });

  it('of another word than an object it is told actor by actor, last the one that was refused', () => {
    const unordered = (actor: number, op: string, value: string) => ({ ...step(actor, op, value), version: undefined });
    const history = [unordered(0, 'set_bit', '1'), unordered(1, 'clear_bit', '0'), unordered(0, 'test_bit', '0')];
    expect(linesOf(finding(history)).slice(0, 7)).toEqual([
      'Last on folio[0], actor by actor, for their steps may have gone in between each',
      '  other:',
      '  puncher  kvm_gmem_get_folio: clear_bit -> 0',
      '  vCPU0    kvm_gmem_get_folio: set_bit -> 1',
      '           kvm_gmem_get_folio: test_bit -> 0',
      '           kvm_gmem_prepare_folio: clear_highpage(folio 0)',
      '               *** host-rmp-fault ***',
    ]);
  });

  it('no line is wider than 80 characters, whatever the names', () => {
    const long = 'a_function_with_a_name_that_goes_on_for_ever '.repeat(6);
    const wide = finding([{ ...step(0, long, long), actorName: 'an-actor-with-a-long-name' }], { op: long });
    for (const line of linesOf(wide)) expect(line.length).toBeLessThanOrEqual(80);
  });
});

it('tells where everybody was, on what, and what they held', () => {
  const text = liveHistory(finding([]));
  expect(text).toContain(
    'At that moment:\n  vCPU0: in "read gfn *" on 3, at kvm_gmem_prepare_folio: clear_highpage(folio\n    0); holds folio_lock[0] (write)\n',
  );
  expect(text).toContain('  puncher: behind "punch hole gfns *-*" on 2, 3; holds no lock\n');
});

it('a deadlock has its ring and no word', () => {
  const waits: LiveFinding['waits'] = [
    {
      ...{ actor: 0, actorName: 'vCPU0', lock: 'mmap_lock', mode: 'read' },
      blockers: [{ actor: 1, actorName: 'puncher', mode: 'write' }],
    },
  ];
  const text = liveHistory(finding([], { wordsAbout: [], waits, actor: undefined }));
  expect(text).not.toContain('Last on');
  expect(text).toMatch(/^vCPU0 waits for mmap_lock \(read\), which puncher \(write\) has\.\n/);
});

it('the title names kind and function, and no function for a check at rest', () => {
  expect(liveTitle(finding([]))).toBe('BUG: faultline: host-rmp-fault in kvm_gmem_prepare_folio');
  expect(liveTitle(finding([], { function: '' }))).toBe('BUG: faultline: host-rmp-fault');
  expect(liveTitle(finding([]), true)).toBe('UNCONFIRMED: faultline: host-rmp-fault in kvm_gmem_prepare_folio');
});

it('a call is named without the numbers of the script', () => {
  expect(callText({ name: 'convert gfns 0-1 to shared', identities: [7, 8] })).toBe(
    '"convert gfns *-* to shared" on 7, 8',
  );
  expect(callText({ name: 'deposit', identities: [] })).toBe('"deposit"');
});
