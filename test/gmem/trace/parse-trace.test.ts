import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { parseTrace } from '../../../src/gmem/trace/parse-trace.js';
import { arbitraryTrace, logText } from './sample-trace.js';

const log = `PARAMS vcpus=2 pages=16 ops=400 punch=80 same%=50
CAP gmem=1 flags=0x3
DONE tsc0=48562166760 tsc1=48590252258
VCPU 0 tid=142 runs=1
TIDS puncher=144 toucher=145 allocer=146 binder=0 attrer=0
G 0 142 0 48565204234 48565204252 7 r 0x0 0x0
G 1 143 0 48565204230 48565322314 3 rw 0x200000A 0x1000001
U P 144 48562083844 48562155236 12 4 0
U A 146 48562083844 48562155235 10 2 -1
U R 145 48565204300 48565204301 1 0 33554432
U W 145 48565204302 48565204303 2 2147483648 0
U B 145 48565204303 48565204309 3 0 0
`;

describe('parseTrace', () => {
  it('orders the calls by start, end and line, each with its actor and kind', () => {
    const { vcpus, pages, calls } = parseTrace(log, 'a.txt');
    expect({ vcpus, pages }).toEqual({ vcpus: 2, pages: 16 });
    expect(calls.map(({ line, actor, kind, page, count }) => [line, actor, kind, page, count])).toEqual([
      [9, 'allocer', 'allocate', 10, 2],
      [8, 'puncher', 'punch-hole', 12, 4],
      [7, 'vCPU1', 'guest-update', 3, 1],
      [6, 'vCPU0', 'guest-read', 7, 1],
      [10, 'toucher', 'user-read', 1, 1],
      [11, 'toucher', 'user-write', 2, 1],
      [12, 'toucher', 'user-read', 3, 1],
    ]);
    expect(calls[2]).toMatchObject({ t0: 48565204230, t1: 48565322314 });
  });

  it('reads a log with other line ends', () => {
    expect(parseTrace(log.replaceAll('\n', '\r\n'), 'a.txt')).toEqual(parseTrace(log, 'a.txt'));
  });

  it('clips a range to the pages of the file', () => {
    const clipped = parseTrace(log.replace('12 4 0', '15 4 0'), 'a.txt').calls.find(({ line }) => line === 8);
    expect(clipped).toMatchObject({ page: 15, count: 1 });
  });

  it('reads back every log that is written out', () => {
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        expect(parseTrace(logText(trace), 'a.txt')).toEqual(trace);
      }),
    );
  });

  it.each([
    ['an unknown line', 'U P 144', 'X P 144', ':8: unknown line "X"; expected G, U, PARAMS, CAP, DONE, VCPU, TIDS'],
    ['an unknown user call', 'U P 144', 'U Q 144', ':8: unknown user call "Q"; expected P, A, R, W, B'],
    ['a line cut short', ' 0x0 0x0', ' 0x0', ':6: 9 fields; expected 10: G vcpu tid seq t0 t1 page r|rw read written'],
    ['a user line cut short', '12 4 0', '12', ':8: 6 fields; expected 8: U P tid t0 t1 page count ret'],
    ['a page outside of the file', ' 7 r ', ' 16 r ', ':6: page is "16"; allowed: a whole number from 0 to 15'],
    ['an unknown access', ' r ', ' w ', ':6: access is "w"; expected r or rw'],
    [
      'a value that is no number',
      '0x0 0x0',
      '0x0 none',
      ':6: value is "none"; expected a hexadecimal number such as 0x0',
    ],
    ['a vCPU too many', 'G 1', 'G 2', ':7: vcpu is "2"; allowed: a whole number from 0 to 1'],
    ['a thread that is not the puncher', 'U P 144', 'U P 145', ':8: tid is 145; expected 144, the puncher of TIDS'],
    ['an empty range', '12 4 0', '12 0 0', ':8: count is "0"; allowed: a whole number from 1 to 2^53 - 1'],
    [
      'a time that is no number',
      '48565204234',
      '4856520423x',
      ':6: t0 is "4856520423x"; allowed: a whole number from 0 to 2^53 - 1',
    ],
    [
      'a time beyond 2^53',
      '48565204252',
      '9007199254740993',
      ':6: t1 is "9007199254740993"; allowed: a whole number from 0 to 2^53 - 1',
    ],
    [
      'an end before the start',
      '48565204252',
      '48565204233',
      ':6: t1 is 48565204233, before t0 (48565204234); expected t0 <= t1',
    ],
    ['no number of pages', 'pages=16 ', '', ':1: pages is missing; allowed: a whole number from 1 to 2^53 - 1'],
    ['a call before PARAMS', /PARAMS.*\n/, '', ':5: a call before PARAMS; expected a PARAMS line first'],
    ['a user call before TIDS', /TIDS.*\n/, '', ':7: a call before PARAMS and TIDS; expected these lines first'],
    [
      'two calls of one thread at a time',
      'U W 145 48565204302',
      'U W 145 48565204300',
      ':11: toucher starts a call at 48565204300, before its call of line 10 ended (48565204301); expected one call at a time',
    ],
    ['no calls', /^[GU].*\n/gm, '', ': no recorded calls; expected a log with a PARAMS line and G or U lines'],
  ])('refuses %s', (_, from, to, sentence) => {
    const text = log.replace(from, to);
    expect(text).not.toBe(log);
    expect(() => parseTrace(text, 'a.txt')).toThrow(new InputError(`faultline: a.txt${sentence}`));
  });

  it.each(['', 'hello\n', '\u0000\u0001', 'U', 'U constructor 1 1 1 1 1 1'])('refuses %j', (text) => {
    expect(() => parseTrace(text, 'a.txt')).toThrow(InputError);
  });
});
