import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gmem, parseScenario, verify } from '../../src/index.js';
import { root, run, scratch } from '../cli/run-cli.js';

const sweep = (...words: string[]) => run(process.execPath, [join(root, 'scripts', 'sweep.mjs'), ...words]);
/** Calls that right schemes are right about, where nothing fails. */
const USUAL = ['--calls', 'read,write,punch-hole,convert', '--keys', 'none'];
const SMALL = ['--worlds', '4', '--seed', '3', '--max-states', '3000', ...USUAL];

/** What stands under a finding's comment: a scenario file. */
function scenariosOf(stdout: string): { readonly signature: string; readonly text: string }[] {
  return stdout
    .split(/^# bitmap-nolock: /m)
    .slice(1)
    .map((part) => ({ signature: part.slice(0, part.indexOf('\n')), text: part }));
}

describe('a sweep', () => {
  it('prints scenario files in which verify finds what it says, with nothing to leave out', async () => {
    const junit = join(scratch(), 'sweep.xml');
    const { status, stdout } = await sweep(...SMALL, '--schemes', 'bitmap-nolock', '--junit', junit);
    expect(status).toBe(1);
    const [, verified, broke] = /^bitmap-nolock +(\d+) +(\d+) +0 +0 /m.exec(stdout)!;
    const counts = `tests="${Number(verified) + Number(broke)}" failures="${broke}" errors="0"`;
    expect(readFileSync(junit, 'utf8')).toContain(`<testsuites name="faultline sweep" ${counts}>`);
    const scenarios = scenariosOf(stdout);
    expect(scenarios.length).toBeGreaterThan(0);
    for (const { signature, text } of scenarios) {
      const scenario = parseScenario(text.replace(/^.*made small:\n/s, ''), 'drawn.yaml');
      const shows = async (actors: typeof scenario.actors) => {
        const { findings } = await verify(gmem({ ...scenario, actors }, 'bitmap-nolock'), { all: true });
        return findings.some((finding) => finding.signature === signature);
      };
      expect(await shows(scenario.actors)).toBe(true);
      for (const left of scenario.actors) {
        const others = scenario.actors.filter((actor) => actor !== left);
        if (others.length > 0) expect(await shows(others)).toBe(false);
      }
    }
  });

  it('says the same with one worker and with two, and of a scheme that is right that nothing broke', async () => {
    const [one, two] = await Promise.all(['1', '2'].map((workers) => sweep(...SMALL, '--workers', workers)));
    expect(two.stdout).toBe(one.stdout);
    expect(one.status).toBe(0);
    expect(one.stdout).toMatch(/^v3-inplace +\d+ +0 /m);
    expect(one.stdout).toMatch(/^prepare-exclusive +\d+ +0 /m);
  });

  it('prints what it has when it is interrupted', async () => {
    const words = ['--worlds', '5000', '--seed', '3', '--max-states', '300', '--schemes', 'bitmap-nolock'];
    const { status, stdout } = await run(process.execPath, [join(root, 'scripts', 'sweep.mjs'), ...words], {
      started: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    });
    expect(status).toBe(130);
    expect(stdout).toMatch(/^Interrupted: \d+ of 5000 answers are in\.$/m);
    expect(scenariosOf(stdout).length).toBeGreaterThan(0);
  });

  it('counts what the model refuses, with its sentence, and asks no scheme with a direct map about files without', async () => {
    const words = ['--worlds', '6', '--seed', '1', '--max-states', '50', '--max-order', '1', '--most-calls', '2'];
    const calls = ['--calls', 'read,memory-failure', '--keys', 'noDirectMap', '--schemes', 'v3-inplace'];
    const { stdout } = await sweep(...words, ...calls);
    const [, refused] = /^v3-inplace +\d+ +\d+ +\d+ +(\d+)/m.exec(stdout) ?? [];
    const told = [...stdout.matchAll(/^refused (\d+) times: .+$/gm)].map(([, times]) => Number(times));
    expect(Number(refused)).toBeGreaterThan(0);
    expect(told.reduce((sum, times) => sum + times, 0)).toBe(Number(refused));
  });

  it.each([
    [['--worlds', 'many'], '--worlds is many; allowed: a whole number from 1.'],
    [['--arch', 'arm'], '--arch is arm; allowed: snp, none, tdx.'],
    [['--schemes', 'v4'], 'there is no scheme "v4"; there are v1-uptodate-prepared'],
    [['--keys', 'gate'], 'there is no key "gate" to draw; there are hookFails'],
    [['--most-calls', '1'], '--most-calls is 1; allowed: a whole number from 2.'],
    [['--rounds', '3'], "Unknown option '--rounds'."],
  ])('refuses %j in one sentence', async (words, sentence) => {
    const { status, stdout, stderr } = await sweep(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`sweep: ${sentence}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
