/**
 * The folder of a soak: begins a campaign in one, or takes up the one it holds, with nobody else at work there. Imported
 * by run-soak.
 */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CAMPAIGN_VERSION, type CampaignParameters } from '../../campaign/campaign-parameters.js';
import { CampaignStore } from '../../campaign/campaign-store.js';
import { lockFolder } from '../../campaign/folder-lock.js';
import { diskFailure } from '../../core/disk-failure.js';
import { InputError } from '../../core/errors.js';
import { makeFolder } from '../../kept/finding-file.js';
import { OWN_RECORD } from '../../subject/subject-of-record.js';
import type { SoakWords } from './soak.js';
import { SoakSubjects, soakWorlds } from './soak-subjects.js';

/** Where the campaigns of whoever names no folder are. */
const USUAL_FOLDER = './faultline-soak';
const USUAL_BUDGET_MS = 8 * 3_600_000;

/** A campaign that is ready to run. */
export interface OpenSoak {
  readonly store: CampaignStore;
  readonly subjects: SoakSubjects;
  /** Time until which it runs, over all its sessions. */
  readonly budgetMs: number;
  /** Lets others at the folder. */
  readonly unlock: () => void;
}

/** Begins a campaign in a folder that holds none. Throws InputError, and what the file system throws. */
export async function beginSoak(scenarios: readonly string[], words: SoakWords): Promise<OpenSoak> {
  if (scenarios.length === 0) {
    throw new InputError('faultline: soak: name a scenario, or --resume the folder of a campaign.');
  }
  const { out: folder = USUAL_FOLDER, seed, budget: budgetMs = USUAL_BUDGET_MS } = words;
  const parameters: CampaignParameters = {
    ...{ version: CAMPAIGN_VERSION, seed: String(seed), worlds: await soakWorlds(scenarios, words) },
    ...{ perturb: [...words.perturb], failureRates: [...words.failures], stepMs: words.step },
    ...{ threads: words.threads ?? null, budgetMs, checkpointMs: words.checkpoint },
  };
  const lock = writable('--out', folder, () => {
    makeFolder(folder);
    return lockFolder(folder);
  });
  try {
    if (await CampaignStore.holdsCampaign(folder)) {
      throw new InputError(`faultline: --out ${folder} holds a campaign; --resume it, or name another folder.`);
    }
    lock.renew(parameters.checkpointMs);
    const store = await CampaignStore.create(folder, parameters, { lock });
    return { store, subjects: new SoakSubjects(parameters, OWN_RECORD), budgetMs, unlock: lock.release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Takes a campaign up; `trusted`: the files that it holds may be run where they are not on this disk. Throws InputError, and
 * what the file system throws.
 */
export async function resumeSoak(folder: string, budget: number | undefined, trusted: boolean): Promise<OpenSoak> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new InputError(`faultline: --resume: there is no folder ${folder}.`);
  }
  if (!(await CampaignStore.holdsCampaign(folder))) {
    throw new InputError(`faultline: --resume ${folder}: it holds no campaign (no journal.jsonl).`);
  }
  const lock = writable('--resume', folder, () => lockFolder(folder));
  try {
    const store = await CampaignStore.open(folder, { lock });
    lock.renew(store.parameters.checkpointMs);
    const subjects = new SoakSubjects(store.parameters, {
      trusted,
      holder: folder,
      folders: [dirname(resolve(folder)), '.'],
    });
    await subjects.check().catch(async (error) => {
      await store.close();
      throw error;
    });
    removeUnfinished(folder);
    const budgetMs = budget === undefined ? store.parameters.budgetMs : store.snapshot.activeMs + budget;
    return { store, subjects, budgetMs, unlock: lock.release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What a process was writing when it was killed. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
  }
}

/** A folder that cannot be written is the user's to repair; a disk that is full is told as such. */
function writable<T>(option: string, folder: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof InputError || code === undefined || diskFailure(error) !== undefined) throw error;
    throw new InputError(`faultline: ${option} ${folder} cannot be written (${code}).`);
  }
}
