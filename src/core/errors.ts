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
