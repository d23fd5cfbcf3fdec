/**
 * Sweep: verifies schemes in small worlds drawn from a seed. A scheme that is right in the scenarios it was argued about
 * may break in one that nobody thought of; what the sweep finds is printed as a scenario file, made as small as it goes.
 *
 *   scripts/sweep [--schemes A,B] [--worlds N] [--seed S] [--conversion in-place|vm-attributes] [--arch snp|none|tdx]
 *                 [--max-order 0|1|2] [--calls A,B] [--most-calls N] [--keys A,B|none] [--max-states N] [--workers W]
 *                 [--junit FILE]
 *
 * Defaults: v3-inplace and prepare-exclusive, 200 worlds, seed 1, in-place, snp, folios of one page, all calls but those of devices
 * (docs/scenarios.md), up to 5 of them in a world, all keys of a scenario that let something fail or give a world something
 * besides, 100,000 states a world (a world that needs more is given up, and counted), one worker a core. A scheme that keeps
 * the direct map is not asked about files without, and what the model refuses is counted with its sentence. The same seed
 * draws the same worlds and says the same about them on every machine. With --junit each answer is a test case of that file,
 * for Jenkins and its like. Progress on stderr; after Ctrl-C it prints what there
 * is. Exit status: 0 when nothing broke, 1 when something did, 2 for wrong input, 130 after Ctrl-C.
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { compileModel, gmem, InputError, ModelError, parseScenario, verifyEach } from 'faultline';
import { Document, isMap, visit } from 'yaml';
import { moreUrgent } from '../dist/src/core/finding-kind.js';
import { Random } from '../dist/src/core/random.js';
import { junitOf } from '../dist/src/exports/junit.js';
import { callKinds } from '../dist/src/gmem/calls/registry.js';
import { traitsOf } from '../dist/src/gmem/measure-traits.js';
import { loadScheme } from '../dist/src/gmem/scheme-lookup.js';
import { resultDocument } from '../dist/src/report/result-document.js';
import { scriptOptions } from './script-options.mjs';
import { DRAWN_CALLS, drawWorld, NOT_DRAWN } from './sweep.d/draw-world.mjs';
import { FLAG_NAMES } from './sweep.d/drawn-keys.mjs';
import { smallestWorld } from './sweep.d/smallest-world.mjs';

/** Worlds between two lines of progress. */
const BATCH = 20;

const { schemes, worlds, seed, workers, bounds, setting, junit } = await readOptions();
/** Every answer, for the file of test cases. */
const cells = [];
const random = new Random(seed);
const counts = new Map(schemes.map((scheme) => [scheme, { verified: 0, broke: 0, givenUp: 0, refused: 0, states: 0 }]));
const keepsDirectMap = new Set();
for (const scheme of schemes) if (traitsOf(await loadScheme(scheme)).directMap === 'kept') keepsDirectMap.add(scheme);
/** Why worlds were refused, and how many. */
const refusals = new Map();
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
if (junit !== undefined) writeJunit();
process.exitCode = interrupt.signal.aborted ? 130 : found.size === 0 ? 0 : 1;

async function verifyBatch(batch, first) {
  const all = batch.flatMap((world, i) => schemes.map((scheme) => ({ world, scheme, number: first + i })));
  const asked = all.filter(({ world, scheme }) => !world.noDirectMap || !keepsDirectMap.has(scheme));
  for (const cell of all) if (!asked.includes(cell)) refused(cell, 'the scheme keeps its pages in the direct map');
  const models = asked.map(({ world, scheme }) => modelOf(world, scheme));
  const onRefused = (place, { message }) => refused(asked[place], message.replace(/^faultline: /, ''));
  const answers = await verifyEach(models, { ...bounds, workers, signal: interrupt.signal, onRefused });
  answers.forEach((answer, i) => {
    if (answer !== undefined) count(asked[i], answer);
  });
}

function refused({ scheme }, why) {
  answered++;
  counts.get(scheme).refused++;
  refusals.set(why, (refusals.get(why) ?? 0) + 1);
}

function count({ world, scheme, number }, { verdict, states, findings }) {
  const counted = counts.get(scheme);
  answered++;
  counted.states += states;
  if (findings.length > 0) counted.broke++;
  else if (verdict === 'verified') counted.verified++;
  else counted.givenUp++;
  const broken = findings.length > 0 ? 'violation' : verdict;
  const [kind] = findings.map((finding) => finding.kind).sort(byUrgency);
  const stoppedBy = broken === 'inconclusive' ? `the bound of ${bounds.maxStates} states` : undefined;
  cells.push({ scenario: `world ${number} of seed ${seed}`, scheme, verdict: broken, kind, stoppedBy });
  for (const { signature } of findings) {
    const key = `${scheme}: ${signature}`;
    const known = found.get(key) ?? { scheme, signature, world, number, worlds: 0 };
    found.set(key, { ...known, worlds: known.worlds + 1 });
  }
}

function writeJunit() {
  const verdict =
    found.size > 0 ? 'violation' : cells.every((cell) => cell.verdict === 'verified') ? 'clean' : 'inconclusive';
  const notes = [...refusals].map(([why, times]) => `refused ${times} times: ${why}`);
  writeFileSync(junit, junitOf(resultDocument({ verb: 'sweep', verdict, cells, notes })));
}

function byUrgency(one, other) {
  return moreUrgent(one, other) ? -1 : 1;
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
  console.log(`${'scheme'.padEnd(width)}  verified  broke  given up  refused        states`);
  for (const [scheme, { verified, broke, givenUp, refused, states }] of counts) {
    const numbers = [
      String(verified).padStart(8),
      String(broke).padStart(5),
      String(givenUp).padStart(8),
      String(refused).padStart(7),
      states.toLocaleString('en-US').padStart(12),
    ];
    console.log(`${scheme.padEnd(width)}  ${numbers.join('  ')}`);
  }
  for (const [why, times] of refusals) console.log(`refused ${times} times: ${why}`);
  for (const [key, { scheme, signature, world, number, worlds: times }] of found) {
    const shows = async (smaller) => {
      const model = modelOf(smaller, scheme);
      const [answer] = await verifyEach([model], { ...bounds, onRefused() {} });
      return answer?.findings.some((finding) => finding.signature === signature) === true;
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
    'most-calls': text,
    keys: text,
    'max-states': text,
    workers: text,
    junit: text,
  };
  const { values, refuse, whole } = scriptOptions('sweep', { options });
  const oneOf = (name, allowed) => {
    const given = values[name] ?? allowed[0];
    if (!allowed.includes(given)) refuse(`--${name} is ${given}; allowed: ${allowed.join(', ')}`);
    return given;
  };
  const calls = values.calls?.split(',') ?? DRAWN_CALLS;
  const known = callKinds.map(({ name }) => name);
  const unknown = calls.find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(`there is no call "${unknown}"; there are ${known.join(', ')}`);
  const keys = values.keys === 'none' ? [] : (values.keys?.split(',') ?? FLAG_NAMES);
  const unknownKey = keys.find((name) => !FLAG_NAMES.includes(name));
  if (unknownKey !== undefined) refuse(`there is no key "${unknownKey}" to draw; there are ${FLAG_NAMES.join(', ')}`);
  for (const by of ['vcpu', 'host'])
    if (!callKinds.some((kind) => kind.by === by && calls.includes(kind.name)))
      refuse(`--calls names none of a ${by === 'vcpu' ? 'guest' : 'host task'}; allowed: one of each at least`);
  const setting = {
    conversion: oneOf('conversion', ['in-place', 'vm-attributes']),
    arch: oneOf('arch', ['snp', 'none', 'tdx']),
    maxOrder: Number(oneOf('max-order', ['0', '1', '2'])),
    calls,
    keys,
    mostCalls: whole('--most-calls', values['most-calls'], 5),
  };
  const device = calls.find((name) => name in NOT_DRAWN);
  if (device !== undefined && setting.maxOrder > 0) refuse(`--calls names ${device}; allowed with it: --max-order 0`);
  if (setting.mostCalls < 2) refuse(`--most-calls is ${setting.mostCalls}; allowed: a whole number from 2`);
  const schemes = (values.schemes ?? 'v3-inplace,prepare-exclusive').split(',');
  for (const scheme of schemes) await checkScheme(scheme, setting, refuse);
  return {
    schemes,
    worlds: whole('--worlds', values.worlds, 200),
    seed: BigInt(whole('--seed', values.seed, 1)),
    workers: whole('--workers', values.workers, availableParallelism()),
    bounds: { all: true, coverage: false, maxStates: whole('--max-states', values['max-states'], 100_000) },
    setting,
    junit: checkedFile(values.junit, refuse),
  };
}

function checkedFile(path, refuse) {
  try {
    if (path !== undefined) writeFileSync(path, '');
    return path;
  } catch ({ code }) {
    return refuse(`--junit ${path} cannot be written (${code})`);
  }
}

async function checkScheme(scheme, setting, refuse) {
  try {
    await compileModel(modelOf(drawWorld(new Random(1n), setting), scheme));
  } catch (error) {
    // What the model refuses of this world it may not refuse of another.
    if (error instanceof ModelError) return;
    if (!(error instanceof InputError)) throw error;
    refuse(error.message.replace(/^faultline: (guest_memfd: )?/, '').replace(/\.$/, ''));
  }
}

/** The scenario file of a world; a call stands on a line of its own. */
function scenarioText(world) {
  const document = new Document(Object.fromEntries(Object.entries(world).filter(([, value]) => value !== undefined)));
  visit(document, {
    Map(_, map, path) {
      if (path.length > 0 && map.items.every(({ value }) => !isMap(value)) && map.has('gfn')) map.flow = true;
    },
  });
  return document.toString();
}
