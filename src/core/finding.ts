/**
 * Finding: a violation with the schedule that shows it. Made by the engines, stored and printed by the floors above.
 */

import type { FindingKind } from './finding-kind.js';
import type { Schedule } from './schedule.js';

/** Size of a schedule. */
export interface ScheduleSize {
  /** Number of steps. */
  readonly steps: number;
  /** Number of steps taken by another actor than the step before. */
  readonly contextSwitches: number;
}

/** A violation, the smallest schedule found for it, and what identifies it. */
export interface Finding {
  /** Short stable hash of signature, scenario and scheme: 8 hex digits. */
  readonly id: string;
  readonly kind: FindingKind;
  /** Kind, cell class, function and op of the breaking step: equal for two schedules of one bug. */
  readonly signature: string;
  /** One line: kind, the function whose step broke it, the function it conflicts with. */
  readonly title: string;
  /** The rest of the sentence "When this happens, ...". */
  readonly words: string;
  /** The check, lock or machine state that says so. */
  readonly rule: string;
  /** The smallest schedule found. */
  readonly schedule: Schedule;
  /** Per actor: which calls of the program's script are kept, ascending. */
  readonly kept: readonly (readonly number[])[];
  /** Number of steps of `schedule`. */
  readonly steps: number;
  /** Number of steps of `schedule` taken by another actor than the step before. */
  readonly contextSwitches: number;
  /** Whether no context switch, call or choice can be left out; false when the search for it was cut short. */
  readonly minimal: boolean;
  /** Number (0-based) of the schedule in which it was first seen. */
  readonly foundAt: number;
  /** What picked that schedule: `stream`, `pair`, `random`, ...; undefined where no strategy did. */
  readonly strategy?: string | undefined;
  /** Size of the schedule as first found. */
  readonly history: ScheduleSize;
  /** For livelock and starvation: the step of `schedule` (0-based) from which it goes round; the last leads back there. */
  readonly loopFrom?: number;
  /** Running hash of the executed ops (opcode, cell class, position): hex. */
  readonly opsHash: string;
}
