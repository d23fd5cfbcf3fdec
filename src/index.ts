/**
 * The public library: what `import ... from 'faultline'` offers.
 */

export { choose, compute } from './core/choice.js';
export { after, call } from './core/program-builder.js';
export { atomic, enter, here, leave, type Routine, within } from './core/routine.js';
export { compileModel, defineModel, type Model } from './primitives/model.js';
