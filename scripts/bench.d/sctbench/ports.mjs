/**
 * SCTBench as models: the programs of Thomson, Donaldson and Betts ("Concurrency testing using schedule bounding", PPoPP
 * 2014; github.com/mc-imperial/sctbench) with the names and numbers of threads that they have there, and the kind of what
 * breaks. Left out are radbench's bug1 and bug3 (radbench.mjs says why); safestack (safestack.mjs) is here and no row, for
 * no strategy is expected to find it.
 */
import { account, reorder, twostage, wronglock } from '../famous-programs.mjs';
import { iwsq, iwsqws, swsq, wsq } from './chess.mjs';
import { aget, pbzip2, stringBuffer } from './conc-bugs.mjs';
import {
  arithmeticProg,
  bluetoothDriver,
  circularBuffer,
  fsbench,
  lazy01,
  queue,
  stack,
  tokenRing,
} from './cs-data.mjs';
import { carter01, deadlock01, dinPhil, phase01, sync } from './cs-locks.mjs';
import { ctrace, qsortMt } from './inspect.mjs';
import { ferret, pkmedian, pspeedy } from './parsec.mjs';
import { clearContextThread, interruptedWait, localtimeLock, recursiveReader } from './radbench.mjs';
import { splash2 } from './splash2.mjs';

const assertion = (name, model) => ({ name, model, kind: 'assertion' });
const deadlock = (name, model) => ({ name, model, kind: 'deadlock' });
/** verify stores millions of states before it is at the level of the bug. */
const large = (port) => ({ ...port, isLarge: true });

/** Those of famous-programs.mjs, whose tasks are there from the start; `row` is their name in the table. */
export const earlierPorts = [
  { ...assertion('account', account), row: 'account' },
  ...[2, 3, 4, 9].map((setters) => ({
    ...assertion(`reorder_${setters + 1}`, reorder.with({ setters })),
    row: `reorder ${setters}`,
  })),
  { ...assertion('reorder_20', reorder.with({ setters: 10, checkers: 10 })), row: 'reorder_20 (10 + 10)' },
  { ...assertion('twostage', twostage), row: 'twostage 1' },
  { ...assertion('twostage_100', twostage.with({ writers: 99 })), row: 'twostage_100 (99 + 1)' },
  ...[3, 7].map((others) => ({
    ...assertion(others === 3 ? 'wronglock_3' : 'wronglock', wronglock.with({ others })),
    row: `wronglock ${others}`,
  })),
];

/** The others, whose threads main() starts. */
export const ports = [
  assertion('arithmetic_prog', arithmeticProg),
  assertion('bluetooth_driver', bluetoothDriver),
  deadlock('carter01', carter01),
  assertion('circular_buffer', circularBuffer),
  deadlock('deadlock01', deadlock01),
  ...[2, 3, 4, 5, 6].map((philosophers) => assertion(`din_phil${philosophers}`, dinPhil.with({ philosophers }))),
  { name: 'din_phil7', model: dinPhil.with({ philosophers: 7 }), kind: 'lock-misuse' },
  large(assertion('fsbench', fsbench)),
  assertion('lazy01', lazy01),
  deadlock('phase01', phase01),
  assertion('queue', queue),
  assertion('stack', stack),
  deadlock('sync01', sync),
  deadlock('sync02', sync.with({ rounds: 2, full: 2 })),
  assertion('token_ring', tokenRing),
  assertion('aget', aget),
  assertion('pbzip2', pbzip2),
  assertion('stringbuffer', stringBuffer),
  large(assertion('WSQ', wsq)),
  large(assertion('IWSQ', iwsq)),
  assertion('IWSQWS', iwsqws),
  assertion('SWSQ', swsq),
  assertion('ctrace-test', ctrace),
  assertion('qsort_mt', qsortMt),
  large(deadlock('ferret', ferret)),
  large(deadlock('streamcluster', pspeedy)),
  assertion('streamcluster2', pspeedy.with({ threads: 6, bug: 2 })),
  assertion('streamcluster3', pkmedian),
  assertion('radbench bug2', clearContextThread),
  assertion('radbench bug4', localtimeLock),
  deadlock('radbench bug5', interruptedWait),
  deadlock('radbench bug6', recursiveReader),
  assertion('splash2 barnes', splash2.with({ barriers: 3 })),
  assertion('splash2 fft', splash2.with({ barriers: 2 })),
  assertion('splash2 lu', splash2.with({ barriers: 5 })),
];
