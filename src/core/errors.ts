/**
 * The two errors that are somebody's to repair: the user's input, or the model that is being run.
 *
 * Everything else that is thrown is a defect of Faultline and keeps its stack trace. Every floor from core upwards may
 * import this file.
 */

/**
 * The user's input is wrong. `message` is the whole sentence the user reads: what is wrong, where, and what is allowed.
 *
 * The command line prints it without a stack trace and exits with status 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * A routine or a model breaks the rules of modelling (it closes over mutable state, say, or yields something that is
 * not an op). `message` names the routine and the op, because the stack shows only the engine that noticed.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/**
 * What a run showed it does not show when it is run again. Every engine is a function of the model; so that is the
 * model's doing, unless it is a defect of ours.
 *
 * @param what was shown: `"a deposit was lost"`
 */
export function notRepeated(what: string): ModelError {
  return new ModelError(
    `${what} was met in a run and is not met when the same run is taken again: a check or a routine of the model depends on ` +
      'something besides cells, results and arguments (a variable outside of it, the time, chance); if none does, please ' +
      'report this as a defect of Faultline',
  );
}
