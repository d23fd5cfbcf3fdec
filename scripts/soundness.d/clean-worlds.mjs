/** Worlds that must stay clean under stress with perturbation. */

import { builtinScenarioNames } from '../../dist/src/gmem/scenarios/builtin-scenario-names.js';
import { grouped, printTable } from './print-table.mjs';
import { cellName, runWorlds, worldsOf } from './worlds.mjs';

const set = { conversion: 'vm-attributes' };
/** Each group has the seconds to itself. */
const GROUPS = [
  builtinScenarioNames.map((scenario) => ({ scenario, scheme: 'v3-inplace' })),
  [{ scenario: 'fault-vs-punch', scheme: 'v2-hook-every-fault' }],
  ['convert-there-and-back', 'fault-vs-convert'].map((scenario) => ({ scenario, scheme: 'v2-hook-every-fault', set })),
];
const RATES = [0.05, 0.01, 0.2];

/** Prints what came of it; whether all stayed clean. */
export async function cleanWorlds({ seconds, only }) {
  const rows = [['world', 'seconds', 'calls', 'faults', 'audits', '']];
  let clean = true;
  for (const group of GROUPS) {
    for (const cell of group) {
      const name = cellName(cell);
      if (!name.includes(only)) continue;
      process.stderr.write(`clean: ${name}\n`);
      const ran = await runWorlds(await worldsOf(cell), { seconds: seconds / group.length, perturb: RATES });
      const broken = ran.found.map(({ finding }) => `${finding.kind} in ${finding.function} at ${finding.op}`);
      if (ran.deaths > 0) broken.push(`${ran.deaths} threads died`);
      // A world in which nothing happened would be clean, too.
      if (ran.faults === 0 || ran.audits === 0) broken.push('nothing happened');
      if (broken.length > 0) clean = false;
      const verdict = broken.length === 0 ? 'clean' : `BROKEN: ${broken.join('; ')}`;
      rows.push([name, ran.seconds.toFixed(0), ...[ran.calls, ran.faults, ran.audits].map(grouped), verdict]);
    }
  }
  printTable(`Worlds that must stay clean, perturbation ${RATES.join(', ')} by turns`, rows);
  return clean;
}
