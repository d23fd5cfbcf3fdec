/** Errors behind irreversible effects: what is found, by which engine, and what is none. */
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { call, failsWhen } from '../../../src/core/program/program-builder.js';
import {
  atomic,
  columnsOf,
  compileModel,
  defineModel,
  explore,
  here,
  irreversible,
  keepCalls,
  loop,
  type Model,
  type ModelBuilder,
  type Routine,
  traceOf,
  verify,
} from '../../../src/index.js';

const ENOMEM = -12;
const EAGAIN = -11;
const GONE = 'an accepted page is gone';

const errno = (result: number): string | undefined =>
  result === ENOMEM ? '-ENOMEM' : result === EAGAIN ? '-EAGAIN' : undefined;

function modelOf(build: (m: ModelBuilder) => void): Model {
  return defineModel({ name: 'errors', build });
}

/** The words of what verify finds; it must find no other kind. */
async function foundIn(build: (m: ModelBuilder) => void): Promise<readonly string[]> {
  const { findings } = await verify(modelOf(build), { liveness: false, all: true });
  for (const { kind } of findings) expect(kind).toBe('partial-effect');
  return findings.map(({ words }) => words);
}

/** R31 of the guest_memfd notes: a conversion that splits and zaps page by page, or splits all of them before it zaps any. */
function conversion(splitsFirst: boolean): Model {
  return modelOf((m) => {
    const pages = m.cells('mapped', 2, { initial: 1 });
    const spare = m.cell('spare', { initial: 2 });
    m.errors((result) => result < 0, errno);
    const split = () =>
      spare.apply('alloc()', 'boolean', {
        next: (left) => Math.max(left - 1, 0),
        result: (left) => (left > 0 ? 1 : 0),
      });
    const zap = (page: number) => pages.at(page).write(0).named(`zap(${page})`).irreversible(GONE);
    m.actor('converter', function* convert() {
      for (const page of [0, 1]) {
        if (!(yield* split())) return ENOMEM;
        if (!splitsFirst) yield* zap(page);
      }
      if (splitsFirst) for (const page of [0, 1]) yield* zap(page);
      return 0;
    });
    m.actor('other', function* other() {
      yield* split();
    });
  });
}

describe('a conversion that zaps one page before it splits the next', () => {
  it('is found by explore within ten schedules, with the effect and what was returned in its columns', async () => {
    const { findings, program } = await explore(conversion(false), { schedules: 10 });
    expect(findings.map(({ kind, signature }) => [kind, signature])).toEqual([
      ['partial-effect', `partial-effect in convert: return -ENOMEM after "${GONE}"`],
    ]);
    const [{ kept, schedule }] = findings;
    const columns = columnsOf(traceOf(program, keepCalls(program.actors, kept), schedule));
    expect(columns).toMatch(/zap\(0\)\n +\(irreversible: an accepted page is gone\)/);
    expect(columns).toContain('*** partial-effect ***');
    expect(columns.replace(/\s+/g, ' ')).toContain(
      `When this happens, convert returns the error -ENOMEM after an effect of its own that nobody can undo: ${GONE}.`,
    );
  });

  it('is found by verify with and without reductions', async () => {
    for (const on of [true, false]) {
      const { findings } = await verify(conversion(false), { merge: on, symmetry: on, por: on });
      expect(findings.map(({ kind }) => kind)).toEqual(['partial-effect']);
    }
  });
});

it('a conversion that splits all pages before it zaps any verifies, and explore comes to the end of its schedules', async () => {
  expect((await verify(conversion(true))).verdict).toBe('verified');
  expect((await explore(conversion(true))).findings).toEqual([]);
});

describe('a retry', () => {
  /** Backs off with -EAGAIN where somebody pins the page; `zaps` is one round. */
  const convertWith = (zaps: (m: ModelBuilder, pinned: () => Routine<boolean>) => () => Routine<number>) => {
    return (m: ModelBuilder): void => {
      const pin = m.cell('pin');
      m.errors((result) => result < 0, errno);
      function* pinned(): Routine<boolean> {
        return (yield* pin.read()) !== 0;
      }
      m.actor('converter', [call('convert', zaps(m, pinned))]);
      m.actor('pinner', function* pinner() {
        yield* pin.write(1);
      });
    };
  };

  it('forgets what the call has learned, and not what it has done', async () => {
    const words = await foundIn(
      convertWith((m, pinned) => {
        const mapped = m.cell('mapped', { initial: 1 });
        return function* convert() {
          const again = yield* here();
          if (yield* pinned()) return EAGAIN;
          if (yield* mapped.cmpxchg(1, 0).irreversible(GONE)) return yield* again();
          return 0;
        };
      }),
    );
    expect(words).toEqual([
      `convert returns the error -EAGAIN after an effect of its own that nobody can undo: ${GONE}`,
    ]);
  });

  it('that carries values hands on what was done in the rounds before as well', async () => {
    const zaps = (checksFirst: boolean) =>
      convertWith((m, pinned) => {
        const pages = m.cells('mapped', 2, { initial: 1 });
        return function* convert() {
          if (checksFirst && (yield* pinned())) return EAGAIN;
          return yield* loop({ page: 0 }, function* ({ page }, again) {
            if (page === 2) return 0;
            if (!checksFirst && (yield* pinned())) return EAGAIN;
            yield* pages.at(page).write(0).irreversible(GONE);
            return yield* again({ page: page + 1 });
          });
        };
      });
    expect(await foundIn(zaps(false))).toHaveLength(1);
    expect(await foundIn(zaps(true))).toEqual([]);
  });

  it('of an outer loop knows what was done in a round of an inner one', async () => {
    const words = await foundIn(
      convertWith((m, pinned) => {
        const mapped = m.cell('mapped', { initial: 2 });
        return function* convert() {
          const over = yield* here();
          if (yield* pinned()) return EAGAIN;
          const next = yield* here();
          const left = yield* mapped.fetchAdd(-1).irreversible(GONE, { when: (before) => before > 0 });
          if (left === 2) return yield* next();
          if (left === 1) return yield* over();
          return 0;
        };
      }),
    );
    expect(words).toHaveLength(1);
  });

  it('before the effect is none behind it', async () => {
    const words = await foundIn(
      convertWith((m, pinned) => {
        const ready = m.cell('ready', { initial: 1 });
        return function* convert() {
          const again = yield* here();
          if (yield* pinned()) return EAGAIN;
          if (yield* ready.cmpxchg(1, 0)) return yield* again();
          yield* ready.write(5).irreversible(GONE);
          return 0;
        };
      }),
    );
    expect(words).toEqual([]);
  });
});

describe('an effect', () => {
  /** A call that does something to a page which may be there or not, and fails. */
  const failing = (body: (m: ModelBuilder, there: number) => () => Routine<number>) => async (there: number) => {
    return await foundIn((m) => {
      m.errors((result) => result < 0);
      m.actor('task', [call('convert', body(m, there))]);
    });
  };

  it('is none where the op answered that it did nothing', async () => {
    const cmpxchg = failing((m, there) => {
      const page = m.cell('page', { initial: there });
      return function* convert() {
        yield* page.cmpxchg(1, 0).irreversible(GONE);
        return -1;
      };
    });
    expect(await cmpxchg(1)).toEqual([
      `convert returns the error -1 after an effect of its own that nobody can undo: ${GONE}`,
    ]);
    expect(await cmpxchg(0)).toEqual([]);
  });

  it('is what `when` makes of the answer', async () => {
    const swap = failing((m, there) => {
      const page = m.cell('page', { initial: there });
      return function* convert() {
        yield* page.swap(0).irreversible(GONE, { when: (before) => before === 1 });
        return -1;
      };
    });
    expect(await swap(1)).toHaveLength(1);
    expect(await swap(0)).toEqual([]);
  });

  it('is what a section says by the mark', async () => {
    const section = failing((m, there) => {
      const page = m.cell('page', { initial: there });
      return function* convert() {
        yield* atomic('zap()', function* () {
          if ((yield* page.read()) === 1) yield* irreversible(GONE);
          yield* page.write(0);
        });
        return -1;
      };
    });
    expect(await section(1)).toHaveLength(1);
    expect(await section(0)).toEqual([]);
  });

  it('is an event that the objects declare, whichever op sends it', async () => {
    const machine = createMachine({
      id: 'page',
      initial: 'mapped',
      states: {
        mapped: { tags: ['there'], on: { ZAP: 'gone', AGE: 'mapped' } },
        gone: { on: { ZAP: 'gone', AGE: 'gone' } },
      },
    });
    const sends = (event: 'ZAP' | 'AGE', how: 'send' | 'claim') =>
      foundIn((m) => {
        const pages = m.objects('page', machine, 1, { irreversible: { ZAP: GONE } });
        m.errors((result) => result < 0);
        m.actor('task', function* convert() {
          if (how === 'send') yield* pages.at(0).send(event);
          else yield* pages.claim('there', event);
          return -1;
        });
      });
    expect(await sends('ZAP', 'send')).toHaveLength(1);
    expect(await sends('ZAP', 'claim')).toHaveLength(1);
    expect(await sends('AGE', 'send')).toEqual([]);
  });

  it('of another actor, or of another call of the same one, is not that of the call', async () => {
    const words = await foundIn((m) => {
      const page = m.cell('page');
      m.errors((result) => result < 0);
      function* zaps() {
        yield* page.write(1).irreversible(GONE);
      }
      function* fails() {
        yield* page.read();
        return -1;
      }
      m.actor('one', [call('zaps', zaps), call('fails', fails)]);
      m.actor('other', fails);
    });
    expect(words).toEqual([]);
  });
});

describe('which results are errors', () => {
  const task = (m: ModelBuilder, result: number) => {
    const page = m.cell('page');
    return function* convert() {
      yield* page.write(1).irreversible(GONE);
      return result;
    };
  };

  it('is said by one call for itself, whatever the model says', async () => {
    const words = await foundIn((m) => {
      const page = m.cell('page');
      function* convert(result: number) {
        yield* page.write(1).irreversible(GONE);
        return result;
      }
      const isError = (result: number): boolean => result < 0 && result !== EAGAIN;
      m.errors((result) => result < 0);
      m.actor('task', [failsWhen(isError, call('back off', convert, EAGAIN)), call('give up', convert, ENOMEM)]);
    });
    expect(words).toEqual([`give up returns the error -12 after an effect of its own that nobody can undo: ${GONE}`]);
  });

  it('is two things of one routine where two calls of it say so', async () => {
    const words = await foundIn((m) => {
      const page = m.cell('page');
      function* convert() {
        yield* page.write(1).irreversible(GONE);
        return EAGAIN;
      }
      m.actor('patient', [failsWhen((result) => result === ENOMEM, call('first', convert))]);
      m.actor('strict', [failsWhen((result) => result < 0, call('second', convert), errno)]);
    });
    expect(words).toEqual([
      `second returns the error -EAGAIN after an effect of its own that nobody can undo: ${GONE}`,
    ]);
  });

  it('is nothing where nobody says it', async () => {
    const words = await foundIn((m) => {
      m.actor('task', [call('convert', task(m, -1))]);
    });
    expect(words).toEqual([]);
  });

  it('is answered by a boolean', async () => {
    const model = modelOf((m) => {
      m.errors(((result: number) => (result < 0 ? 'error' : false)) as never);
      m.actor('task', [call('convert', task(m, -1))]);
    });
    await expect(verify(model)).rejects.toThrow(
      'whether -1 is an error of convert was answered by "error" and no boolean',
    );
  });
});

describe('what is refused', () => {
  it.each<[string, (m: ModelBuilder) => void, string]>([
    [
      'an effect without words',
      (m) => m.cell('page').write(1).irreversible(' '),
      '"page = 1" is irreversible and needs words that say what is so from then on',
    ],
    ['a mark without words', () => irreversible(''), 'irreversible(words) needs words'],
    [
      'an event that the machine does not have',
      (m) =>
        m.objects('page', createMachine({ id: 'page', initial: 'a', states: { a: { on: { ZAP: 'a' } } } }), 1, {
          irreversible: { ZAPP: GONE },
        }),
      'machine page has no event "ZAPP"',
    ],
    [
      'errors that are no function',
      (m) => m.errors(-1 as never),
      'm.errors(...) takes a function of what a call returns',
    ],
    [
      'errors that are said twice',
      (m) => {
        m.errors((result) => result < 0);
        m.errors((result) => result > 0);
      },
      'm.errors(...) is said twice; failsWhen says it of one call',
    ],
    [
      'a call of which they are no function',
      () =>
        failsWhen(
          -1 as never,
          call('convert', function* () {}),
        ),
      'failsWhen(..., call("convert")) takes a function of what a call returns',
    ],
  ])('%s', async (_, declare, sentence) => {
    const model = modelOf((m) => {
      declare(m);
      m.actor('task', function* task() {});
    });
    await expect(compileModel(model)).rejects.toThrow(sentence);
  });
});
