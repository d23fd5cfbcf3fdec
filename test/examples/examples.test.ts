/** The examples do what their heads say: every command of them, and the project for vitest. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel, verify } from '../../src/index.js';
import { faultline, root, run, scratch } from '../cli/run-cli.js';

const folder = join(root, 'examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

/** What comes out for some parameters: `verified`, or the kind of the finding. */
const outcomes: Readonly<Record<string, readonly [Record<string, string | number | boolean>, string][]>> = {
  'queue.ts': [
    [{}, 'verified'],
    [{ conditions: 1 }, 'deadlock'],
  ],
  'ticket-lock.ts': [
    [{}, 'verified'],
    [{ atomic: false }, 'assertion'],
  ],
  'rcu.ts': [
    [{}, 'verified'],
    [{ waits: false }, 'use-after-free'],
  ],
  'condition-variable.ts': [
    [{}, 'verified'],
    [{ locked: false }, 'deadlock'],
  ],
};

describe.each(Object.entries(outcomes))('%s', (name, cases) => {
  it.each(cases)('%j: %s', async (parameters, outcome) => {
    const model = await loadModel(join(folder, name));
    const { verdict, findings } = await verify(model.with(parameters));
    expect(verdict === 'verified' ? verdict : findings[0]?.kind).toBe(outcome);
  });

  it('has a head that names these commands', () => {
    const head = readFileSync(join(folder, name), 'utf8').split('*/')[0];
    for (const [parameters] of cases) {
      const set = Object.entries(parameters).map(([key, value]) => ` --set ${key}=${value}`);
      expect(head).toContain(`faultline verify examples/${name}${set.join('')} `);
    }
  });
});

it('scheme-patch.ts breaks as its head says', async () => {
  const words = ['verify', 'fault-fault', '--scheme', 'examples/scheme-patch.ts', '--quiet', '--json'];
  const { status, stdout } = await faultline([...words, '--out', 'coverage/examples'], { cwd: root });
  expect(status).toBe(1);
  const { findings } = JSON.parse(stdout) as { findings: readonly { kind: string }[] };
  expect(findings[0].kind).toBe('host-rmp-fault');
});

it('the project for vitest passes', async () => {
  const words = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', join(folder, 'vitest')];
  // Five seconds a test are vitest's own limit, and little on a machine under load.
  const { status, stdout, stderr } = await run(process.execPath, [...words, '--testTimeout=200000'], { cwd: root });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/2 passed/);
});

describe('the log of a real program', () => {
  const conform = join(folder, 'conform');
  const node = (...words: string[]) => run(process.execPath, words, { cwd: conform });

  /** The log of a run, perhaps with a line that is another; and what holding it comes to. */
  async function held(words: readonly string[], change = (log: string): string => log) {
    const { stdout: log } = await node('program.mjs', ...words);
    const path = join(scratch(), 'lock.log');
    writeFileSync(path, change(log));
    return { log, ...(await node('hold.mjs', path)) };
  }

  it('is explained by the model of the lock that it has', async () => {
    const { log, status, stdout, stderr } = await held(['3', '10']);
    expect(log.trimEnd().split('\n')).toHaveLength(90);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Explained: all 90 lines; /);
  });

  it('is refused at a line that is forged', async () => {
    const forge = (log: string): string => log.replace(/is-in 4$/m, 'is-in 5');
    const { log, status, stdout } = await held(['3', '10'], forge);
    const line = log.split('\n').findIndex((text) => text.endsWith('is-in 4')) + 1;
    expect(status).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`^Refused: line ${line}, ".*is-in 5"\\.\nThe model allows here: task\\d has number 4\\.`),
    );
  });

  it('is refused where the program draws a number twice', async () => {
    const { status, stdout } = await held(['2', '3', '--broken']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Refused: line \d+, "\d+ task\d drew \d+"\./);
  });
});

it('every example is listed, and is tried', () => {
  const listed = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| \[([\w-]+\.ts)\]/gm)].map(
    ([, name]) => name,
  );
  expect(listed.sort()).toEqual([...files].sort());
  expect([...Object.keys(outcomes), 'scheme-patch.ts'].sort()).toEqual([...files].sort());
});
