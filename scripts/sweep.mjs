/**
 * Sweep: verifies schemes in small worlds drawn from a seed. A scheme that is right in the scenarios it was argued about
 * may break in one that nobody thought of; what the sweep finds is printed as a scenario file, made as small as it goes.
 *
 *   scripts/sweep [--schemes A,B] [--worlds N] [--seed S] [--conversion in-place|vm-attributes] [--arch snp|none]
 *                 [--max-order 0|1|2] [--calls A,B] [--max-states N] [--workers W]
 *
 * Defaults: v3-inplace and prepare-exclusive, 200 worlds, seed 1, in-place, snp, folios of one page, all calls that need no
 * part of a world (faultline list scenarios, docs/scenarios.md), 100,000 states a world (a world that
 * needs more is given up, and counted), one worker a core. The same seed draws the same worlds and says the same about
 * them on every machine. Progress on stderr; after Ctrl-C it prints what there is. Exit status: 0 when nothing broke, 1 when
 * something did, 2 for wrong input, 130 after Ctrl-C.
 */

import { availableParallelism } from 'node:os';
import { compileModel, gmem, InputError, parseScenario, verify, verifyEach } from 'faultline';
import { Document, isMap, visit } from 'yaml';
import { Random } from '../dist/src/core/random.js';
import { callKinds } from '../dist/src/gmem/calls/registry.js';
import { scriptOptions } from './script-options.mjs';
import { drawWorld, USUAL_CALLS } from './sweep.d/draw-world.mjs';
import { smallestWorld } from './sweep.d/smallest-world.mjs';

/** Worlds between two lines of progress. */
const BATCH = 20;

const { schemes, worlds, seed, workers, bounds, setting } = await readOptions();
const random = new Random(seed);
const counts = new Map(schemes.map((scheme) => [scheme, { verified: 0, broke: 0, givenUp: 0, states: 0 }]));
/** By scheme and signature: how many worlds showed it, and one of them. */
const found = new Map();
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
let answered = 0;
for (let drawn = 0; drawn < worlds && !interrupt.signal.aborted; ) {
  const batch = Array.from({ length: Math.min(BATCH, worlds - drawn) }, () => drawWorld(random, setting));
  await verifyBatch(batch, drawn);
  drawn += batch.length;
  process.stderr.write(`sweep: ${drawn} of ${worlds} worlds, ${found.size} findings\n`);
}
await print();
process.exitCode = interrupt.signal.aborted ? 130 : found.size === 0 ? 0 : 1;

async function verifyBatch(batch, first) {
  const cells = batch.flatMap((world, i) => schemes.map((scheme) => ({ world, scheme, number: first + i })));
  const models = cells.map(({ world, scheme }) => modelOf(world, scheme));
  const answers = await verifyEach(models, { ...bounds, workers, signal: interrupt.signal });
  answers.forEach((answer, i) => {
    if (answer !== undefined) count(cells[i], answer);
  });
}

function count({ world, scheme, number }, { verdict, states, findings }) {
  const counted = counts.get(scheme);
  answered++;
  counted.states += states;
  if (findings.length > 0) counted.broke++;
  else if (verdict === 'verified') counted.verified++;
  else counted.givenUp++;
  for (const { signature } of findings) {
    const key = `${scheme}: ${signature}`;
    const known = found.get(key) ?? { scheme, signature, world, number, worlds: 0 };
    found.set(key, { ...known, worlds: known.worlds + 1 });
  }
}

async function print() {
  const { conversion, arch, maxOrder } = setting;
  const folios = maxOrder === 0 ? '' : `, folios of order ${maxOrder}`;
  console.log(
    `${worlds} worlds of seed ${seed}, ${conversion} conversion, ${arch}${folios}; ${bounds.maxStates} states each at most`,
  );
  if (interrupt.signal.aborted) console.log(`Interrupted: ${answered} of ${worlds * schemes.length} answers are in.`);
  console.log('');
  const width = Math.max(...schemes.map((scheme) => scheme.length));
  console.log(`${'scheme'.padEnd(width)}  verified  broke  given up        states`);
  for (const [scheme, { verified, broke, givenUp, states }] of counts) {
    const numbers = [
      String(verified).padStart(8),
      String(broke).padStart(5),
      String(givenUp).padStart(8),
      states.toLocaleString('en-US').padStart(12),
    ];
    console.log(`${scheme.padEnd(width)}  ${numbers.join('  ')}`);
  }
  for (const [key, { scheme, signature, world, number, worlds: times }] of found) {
    const shows = async (smaller) => {
      const { findings } = await verify(modelOf(smaller, scheme), bounds);
      return findings.some((finding) => finding.signature === signature);
    };
    // Who interrupts does not want to wait until all are small.
    const smallest = await smallestWorld(world, async (smaller) => !interrupt.signal.aborted && (await shows(smaller)));
    console.log(
      `\n# ${key}\n# in ${times} of ${worlds} worlds, first in number ${number} of seed ${seed}; made small:`,
    );
    console.log(scenarioText(smallest).trimEnd());
  }
}

function modelOf(world, scheme) {
  return gmem(parseScenario(scenarioText(world), 'drawn.yaml'), scheme);
}

async function readOptions() {
  const text = { type: 'string' };
  const options = {
    schemes: text,
    worlds: text,
    seed: text,
    conversion: text,
    arch: text,
    'max-order': text,
    calls: text,
    'max-states': text,
    workers: text,
  };
  const { values, refuse, whole } = scriptOptions('sweep', { options });
  const oneOf = (name, allowed) => {
    const given = values[name] ?? allowed[0];
    if (!allowed.includes(given)) refuse(`--${name} is ${given}; allowed: ${allowed.join(', ')}`);
    return given;
  };
  const calls = values.calls?.split(',') ?? USUAL_CALLS;
  const known = callKinds.map(({ name }) => name);
  const unknown = calls.find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`there is no call "${unknown}"; there are ${known.join(', ')}`);
  for (const by of ['vcpu', 'host'])
    if (!callKinds.some((kind) => kind.by === by && calls.includes(kind.name)))
      refuse(`--calls names none of a ${by === 'vcpu' ? 'guest' : 'host task'}; allowed: one of each at least`);
  const setting = {
    conversion: oneOf('conversion', ['in-place', 'vm-attributes']),
    arch: oneOf('arch', ['snp', 'none']),
    maxOrder: Number(oneOf('max-order', ['0', '1', '2'])),
    calls,
  };
  const schemes = (values.schemes ?? 'v3-inplace,prepare-exclusive').split(',');
  for (const scheme of schemes) await checkScheme(scheme, setting, refuse);
  return {
    schemes,
    worlds: whole('--worlds', values.worlds, 200),
    seed: BigInt(whole('--seed', values.seed, 1)),
    workers: whole('--workers', values.workers, availableParallelism()),
    bounds: { all: true, coverage: false, maxStates: whole('--max-states', values['max-states'], 100_000) },
    setting,
  };
}

async function checkScheme(scheme, setting, refuse) {
  try {
    await compileModel(modelOf(drawWorld(new Random(1n), setting), scheme));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refuse(error.message.replace(/^faultline: (guest_memfd: )?/, '').replace(/\.$/, ''));
  }
}

/** The scenario file of a world; a call stands on a line of its own. */
function scenarioText(world) {
  const document = new Document(world);
  visit(document, {
    Map(_, map, path) {
      if (path.length > 0 && map.items.every(({ value }) => !isMap(value)) && map.has('gfn')) map.flow = true;
    },
  });
  return document.toString();
}
