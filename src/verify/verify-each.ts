/**
 * Verify each: many models, each verified by one thread, and the threads share the models. So what a model answers is a
 * function of the model and the options, however many threads there are. The command line's table; any list of models
 * will do.
 */

import type { Piscina } from 'piscina';
import type { InputError, ModelError } from '../core/errors.js';
import { compileUnder, type Model, type ParameterValue } from '../model/model.js';
import { type Refusal, refusalOf, refusedError, throwNamed } from '../threads/refusal.js';
import { checkVerifyOptions, type VerifyOptions } from './options.js';
import { Verification } from './verification.js';
import { type VerifyResult, verify } from './verify.js';

/** What a thread can be told of the options: those that are plain data. */
type PlainOptions = Omit<
  VerifyOptions,
  'deadline' | 'signal' | 'onProgress' | 'workers' | 'titleOf' | 'guard' | 'clock'
>;

/** What verifyEach takes; bounds are for each model. */
export interface VerifyEachOptions extends PlainOptions, Pick<VerifyOptions, 'guard' | 'clock'> {
  /** Worker threads. Default 1: this thread. */
  readonly workers?: number;
  /** Ends all searches soon; models that were not searched to their end have no answer. */
  readonly signal?: AbortSignal;
  /** What errors call the model at a place. Default: its name. */
  readonly nameOf?: (place: number) => string;
  /** Called with the place of a model that is refused, and why, in the place of a throw: it has no answer. */
  readonly onRefused?: (place: number, why: InputError | ModelError) => void;
  /** Called after each model with its place; `answered` counts them. */
  readonly onAnswer?: (place: number, answer: VerifyAnswer | undefined, answered: number) => void;
}

/** What a model came to: a result without its program, which does not travel between threads. */
export type VerifyAnswer = Omit<VerifyResult, 'program' | 'refused'>;

/** What a thread is asked to do; plain data. */
export interface VerifyTask {
  readonly source: string;
  readonly model: string;
  readonly parameters: { readonly [name: string]: ParameterValue };
  readonly options: PlainOptions;
}

/** An answer, or an error that is somebody's to repair; classes do not survive the way between threads. */
export type VerifyReply = { readonly answer: VerifyAnswer } | Refusal;

/**
 * Verifies every model. Answers come in the order of the models; undefined for one that `signal` came before. A model
 * without `source` is searched by this thread.
 *
 * @throws what verify throws, with the model's name; what refuses a model only without `onRefused`
 */
export async function verifyEach(
  models: readonly Model[],
  options: VerifyEachOptions = {},
): Promise<(VerifyAnswer | undefined)[]> {
  const {
    workers = 1,
    signal,
    nameOf = (place: number) => models[place].name,
    onAnswer,
    onRefused,
    ...others
  } = options;
  const { guard, clock, ...plain } = others;
  checkVerifyOptions({ ...plain, workers });
  const threads = Math.min(workers, models.length);
  const pools = threads > 1 ? await import('../threads/worker-pool.js') : undefined;
  const pool = pools?.workerPool('verify', 'runVerifyTask', threads);
  const answers: (VerifyAnswer | undefined)[] = new Array(models.length).fill(undefined);
  let next = 0;
  let answered = 0;
  const serve = async (): Promise<void> => {
    while (next < models.length) {
      const place = next++;
      // Nobody waits for models to be compiled that will not be searched.
      if (signal?.aborted !== true) {
        const answer = answerOf(models[place], plain, pool, {
          ...{ ...(guard && { guard }), ...(clock && { clock }), ...(signal && { signal }) },
        });
        answers[place] = await answer.catch((error) => {
          if (onRefused === undefined) return throwNamed(nameOf(place), error);
          onRefused(place, refusedError(refusalOf(error)));
          return undefined;
        });
      }
      onAnswer?.(place, answers[place], ++answered);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, threads) }, serve));
  } finally {
    if (pool !== undefined) await pools?.endPool(pool);
  }
  return answers;
}

/** Searches a model in a worker thread. Called there. */
export async function verifyTask(
  model: Model,
  options: PlainOptions & Pick<VerifyOptions, 'guard' | 'clock'>,
): Promise<VerifyAnswer> {
  const checked = checkVerifyOptions(options);
  const result = await new Verification(model, await compileUnder(model, checked.guard), checked).run();
  return answerTo(result);
}

async function answerOf(
  model: Model,
  options: PlainOptions,
  pool: Piscina | undefined,
  here: Pick<VerifyOptions, 'guard' | 'clock' | 'signal'>,
): Promise<VerifyAnswer | undefined> {
  const { source, name, parameters } = model;
  if (pool === undefined || source === undefined) {
    const answer = answerTo(await verify(model, { ...options, ...here }));
    return answer.interrupted && answer.stoppedBy !== undefined ? undefined : answer;
  }
  const task = { source, model: name, parameters, options } satisfies VerifyTask;
  const reply = await replyTo(pool, task, here.signal);
  if (reply === undefined || 'answer' in reply) return reply?.answer;
  throw refusedError(reply);
}

function answerTo({ program: _, refused: __, ...answer }: VerifyResult): VerifyAnswer {
  return answer;
}

/** Undefined when the signal came first. */
async function replyTo(
  pool: Piscina,
  task: VerifyTask,
  signal: AbortSignal | undefined,
): Promise<VerifyReply | undefined> {
  try {
    return await pool.run(task, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  }
}
