/** Scenarios of several files as they are built: whose calls actors make, what these are called, and who waits for which launch. */
import { describe, expect, it } from 'vitest';
import { gmem } from '../../src/gmem/model.js';
import { parseScenario } from '../../src/gmem/scenarios/parse-scenario.js';
import { compileModel } from '../../src/model/model.js';
import { verify } from '../../src/verify/verify.js';

const LINKED = 'files: [{ vm: 0, inode: 0 }, { vm: 1, inode: 0 }]';
const APART = 'files: [{ vm: 0, inode: 0 }, { vm: 1, inode: 1 }]';

function modelOf(files: string, actors: string) {
  const text = `title: files\ngfns: 1\narch: none\n${files}\nactors:\n${actors}`;
  return gmem(parseScenario(text, 'files.yaml'), 'v3-inplace');
}

const callsOf = async (files: string, actors: string) =>
  (await compileModel(modelOf(files, actors))).actors.flatMap(({ calls }) => calls);

describe('a call', () => {
  const both = '- { name: a, file: 1, calls: [write: 0] }\n- { name: b, calls: [punch-hole: 0, populate: 0] }';

  it('says whose gfns or pages it is about where there are several files', async () => {
    expect((await callsOf(LINKED, both)).map(({ name }) => name)).toEqual([
      'write gfn 0 of VM 1',
      'punch hole gfn 0 of file 0',
      'populate gfn 0 of VM 0',
    ]);
  });

  it('says nothing of it where there is one', async () => {
    const one = both.replace('file: 1, ', '');
    expect((await callsOf('', one)).map(({ name }) => name)).toEqual([
      'write gfn 0',
      'punch hole gfn 0',
      'populate gfn 0',
    ]);
  });

  it('of a guest waits for the launch of its own VM', async () => {
    const launch = '- { name: launcher, calls: [populate: 0] }';
    const waits = async (file: number) =>
      (await callsOf(LINKED, `- { name: a, file: ${file}, calls: [write: 0] }\n${launch}`))[0].after;
    expect(await waits(0)).toEqual([{ actor: 1, calls: 1 }]);
    expect(await waits(1)).toEqual([]);
  });
});

describe('two VMs', () => {
  const actors = '- { name: a, calls: [write: 0, read: 0] }\n- { name: b, file: 1, calls: [write: 0] }';

  it('of one inode meet in its page, and of two in none', async () => {
    const opsOf = async (files: string) => {
      const { program } = await verify(modelOf(files, `${actors}\n- { name: p, file: 1, calls: [punch-hole: 0] }`));
      return program.layout.regions.map(({ name }) => name).filter((name) => name.endsWith('i_pages'));
    };
    expect(await opsOf(LINKED)).toEqual(['i_pages']);
    expect(await opsOf(APART)).toEqual(['i_pages', 'inode1.i_pages']);
  });

  it.each([LINKED, APART])('are verified: %s', async (files) => {
    const { verdict } = await verify(modelOf(files, `${actors}\n- { name: p, file: 1, calls: [punch-hole: 0] }`));
    expect(verdict).toBe('verified');
  });
});
