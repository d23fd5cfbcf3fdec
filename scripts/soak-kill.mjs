/**
 * kill -9 against a soak: `soak-kill.mjs [--rounds 20] [--longest 10000]`, the longest time between a start and its kill in
 * milliseconds. Each round starts or resumes one campaign in one folder and kills it at a random moment: some while after
 * it has written up to five records, so that it comes on however slow the machine is, and in every fourth round at any
 * moment, also before it has begun. The journal is then read by the few lines below, not by the code that wrote it. Last
 * the campaign is resumed once more and comes to its end. Exit status: 0 nothing was lost; 1 something was, said line by
 * line.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const main = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/** Worlds that break at once, late, and not at all. */
const CAMPAIGN = [
  ...['fault-vs-punch', 'fault-vs-convert', '--scheme', 'bitmap-nolock,v2-hook-every-fault', '--perturb', '0.05'],
  ...['--budget', '1h', '--step', '700ms', '--checkpoint', '250ms'],
];

/** The records of a journal, as far as its lines are whole. */
export function recordsIn(text) {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).record);
}

/**
 * What is wrong with the end of a campaign, in sentences.
 *
 * @param seen ids of findings that were in a journal after a kill, or on a terminal
 * @param records the journal at the end, not compacted
 * @param document what the last session printed with --json
 */
export function problemsOf(seen, records, document) {
  const problems = [];
  const told = new Set(document.findings.map(({ id }) => id));
  for (const id of seen) if (!told.has(id)) problems.push(`finding ${id} was there once and is not in the summary`);
  const { finished, cutOff, pending } = document.stats.campaign;
  const ended = records.filter(({ type }) => type === 'step-finished').map(({ step }) => step);
  const begun = records.filter(({ type }) => type === 'step-started').map(({ step }) => step);
  for (let step = 0; step < finished; step++) {
    const times = ended.filter((each) => each === step).length;
    if (times !== 1) problems.push(`step ${step} counts as finished and was finished ${times} times`);
  }
  if (ended.length !== finished) problems.push(`${ended.length} steps were finished, the summary says ${finished}`);
  if (pending !== undefined) problems.push(`step ${pending} was cut off and has not run again`);
  if (begun.length - ended.length !== cutOff) {
    problems.push(`${begun.length - ended.length} attempts were cut off, the summary says ${cutOff}`);
  }
  for (const step of begun) if (!ended.includes(step)) problems.push(`step ${step} was begun and never finished`);
  for (const { findings } of document.stats.worlds) {
    for (const { id, count, first, last } of findings) {
      if (count < 1 || first > last) problems.push(`finding ${id} was seen ${count} times from ${first} to ${last}`);
    }
  }
  return problems;
}

/** Runs a session; `killed` resolves when it is to be killed. */
async function session(folder, words, killed) {
  const where = existsSync(join(folder, 'journal.jsonl')) ? ['--resume', folder] : [...CAMPAIGN, '--out', folder];
  const child = spawn(process.execPath, [main, 'soak', ...where, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  const ended = new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal })));
  if (killed !== undefined) {
    await Promise.race([killed(), ended]);
    child.kill('SIGKILL');
  }
  return { ...(await ended), ...output };
}

/** A random moment. `look` reads the journal. */
async function randomMoment(round, longestMs, look) {
  const endMs = performance.now() + longestMs;
  const records = round % 4 === 0 ? 0 : look().length + Math.ceil(Math.random() * 5);
  while (look().length < records && performance.now() < endMs) await wait(5);
  await wait(Math.random() * (round % 4 === 0 ? 1500 : 500));
}

async function killAndResume(rounds, longestMs) {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-soak-kill-'));
  const journal = join(folder, 'journal.jsonl');
  const seen = new Set();
  const look = () => (existsSync(journal) ? recordsIn(readFileSync(journal, 'utf8')) : []);
  const problems = [];
  for (let round = 1; round <= rounds; round++) {
    const beganMs = performance.now();
    const { signal, stderr } = await session(folder, [], () => randomMoment(round, longestMs, look));
    const killMs = Math.round(performance.now() - beganMs);
    if (signal !== 'SIGKILL') problems.push(`round ${round} ended by itself: ${stderr}`);
    const records = look();
    for (const { type, id } of records) if (type === 'finding') seen.add(id);
    for (const [, id] of stderr.matchAll(/found ([0-9a-f]{8}):/g)) seen.add(id);
    const count = (type) => records.filter((record) => record.type === type).length;
    const done = `${count('step-started')} steps begun, ${count('step-finished')} finished, ${seen.size} findings`;
    console.log(`round ${round}: killed after ${killMs} ms; ${done}`);
  }
  const { status, stdout, stderr } = await session(folder, ['--budget', '3s', '--json', '--quiet']);
  const document = JSON.parse(stdout);
  const expected = document.findings.length > 0 ? 1 : 0;
  if (status !== expected || stderr !== '') problems.push(`the last session: status ${status}, ${stderr}`);
  problems.push(...problemsOf(seen, look(), document));
  const { finished, cutOff } = document.stats.campaign;
  for (const problem of problems) console.log(`LOST: ${problem}`);
  if (problems.length === 0) {
    console.log(
      `Nothing was lost: ${finished} steps finished, ${cutOff} cut off and run again, ${document.findings.length} findings.`,
    );
    rmSync(folder, { recursive: true });
  } else console.log(`The campaign is in ${folder}.`);
  return problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '20' }, longest: { type: 'string', default: '10000' } },
  });
  process.exitCode = await killAndResume(Number(values.rounds), Number(values.longest));
}
