/** The model of the live benchmark: actors that fault on random pages, one conversion there and back in 1000 faults. */
import { fileURLToPath } from 'node:url';
import { gmem } from '../../dist/src/gmem/model.js';

const SCHEME = fileURLToPath(new URL('./fault-scheme.mjs', import.meta.url));
const FAULTS = 1000;

/** As many actors as asked for, on as many pages. */
export function benchModel(actors, gfns) {
  const page = (count) => ({ spec: { call: 'populate', gfn: 0, count } });
  const calls = [...Array(FAULTS).fill(page(1)), page(2)];
  return gmem(
    {
      name: 'live-benchmark',
      title: 'page faults, and a conversion now and then',
      ...{ arch: 'snp', gfns, frames: gfns, conversion: 'in-place', gate: false },
      ...{ attribute: 'private', attributes: Array(gfns).fill('private'), hookFails: false, allocationFails: false },
      actors: Array.from({ length: actors }, (_, k) => ({ name: `vCPU${k}`, kind: 'host', calls })),
    },
    SCHEME,
  );
}
