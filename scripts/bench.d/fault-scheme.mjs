/**
 * v3-inplace with a populate that is none, so that a scenario can ask for bare page faults: `populate` of one page is one
 * run of the fault path (on a page that is mapped already, most of the time), `populate` of two pages converts the first
 * of them to shared and back. For the live benchmark.
 */
import { convert, defineScheme, tdpMmuPageFault, v3Inplace } from 'faultline';

export const faultBenchmark = defineScheme(v3Inplace, {
  name: 'fault-benchmark',

  *populate(g, gfns) {
    const [gfn] = gfns;
    if (gfns.length === 1) return yield* tdpMmuPageFault(g, gfn, true);
    yield* convert(g, 'shared', [gfn]);
    return yield* convert(g, 'private', [gfn]);
  },
});
