/**
 * The engines as the library has them: with the defaults of the command line. The engines themselves know no titles, which
 * are a report's. Imported by the library's entry.
 */

import { type ExploreResult, explore } from '../explore/explore.js';
import type { ExploreOptions } from '../explore/options.js';
import type { Model } from '../model/model.js';
import { titleOf } from '../report/title.js';
import type { VerifyOptions } from '../verify/options.js';
import { type VerifyResult, verify } from '../verify/verify.js';
import { USUAL_SCHEDULES } from './usual.js';

/**
 * Explores a model: runs schedules until one breaks it, 100,000 unless `schedules` or `budgetMs` says otherwise, or every
 * interleaving was tried. Findings have the titles that the command line prints.
 *
 * @throws InputError for options that are not allowed; ModelError when the model breaks a rule of modelling, or does not
 * come back (with a guard)
 */
export async function exploreAsUsual(model: Model, options: ExploreOptions = {}): Promise<ExploreResult> {
  const schedules = options.budgetMs === undefined ? { schedules: USUAL_SCHEDULES } : {};
  return await explore(model, { ...schedules, titleOf, ...options });
}

/**
 * Verifies a model: searches every interleaving, and says whether one of them breaks it. Findings have the titles that the
 * command line prints.
 *
 * @throws InputError for options that are not allowed; ModelError when the model breaks a rule of modelling, or does not
 * come back (with a guard)
 */
export async function verifyAsUsual(model: Model, options: VerifyOptions = {}): Promise<VerifyResult> {
  return await verify(model, { titleOf, ...options });
}
