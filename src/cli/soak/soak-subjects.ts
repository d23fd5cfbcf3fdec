/**
 * Subjects of a soak: from the words of the command line to the worlds of a campaign, and from a world back to a subject,
 * in any number of vCPUs and in any later session. A world holds its whole scenario, and the user's files as they were,
 * so that a campaign runs to its end what it began with. Imported by run-soak.
 */

import { z } from 'zod';
import type { CampaignParameters, CampaignWorld } from '../../campaign/campaign-parameters.js';
import type { CampaignStep } from '../../campaign/rotation.js';
import { InputError } from '../../core/errors.js';
import { scenarioName } from '../../gmem/expectations.js';
import { scenarioBounds } from '../../gmem/scenarios/scenario.js';
import { withVcpus } from '../../gmem/scenarios/with-vcpus.js';
import { DEFAULT_SCHEME, isModelFile, resolveSubject, type Subject } from '../../subject/subject.js';
import { type RecordTrust, subjectOfRecord } from '../../subject/subject-of-record.js';
import { type SubjectRecord, scenarioOf } from '../../subject/subject-record.js';
import { subjectRecordSchema } from '../../subject/subject-record-schema.js';
import { loopingSubject, subjectWithVcpus } from '../../subject/vcpu-subject.js';
import { say } from '../terminal/terminal.js';
import type { SoakWords } from './soak.js';

/** vCPUs by turns beside as many as the scenario has. */
const USUAL_VCPUS: readonly number[] = [2, 4, 8];

const hash = z.string().regex(/^[0-9a-f]{8}$/);
const worldSubjectSchema = z.strictObject({
  record: subjectRecordSchema,
  /** What the scenario and the scheme were, beyond their names. */
  hashes: z.strictObject({ scenario: hash, scheme: hash }),
});

/** The worlds of what was asked for: every scenario under every scheme. Throws InputError. */
export async function soakWorlds(
  scenarios: readonly string[],
  { scheme: schemes, vcpus, set }: SoakWords,
): Promise<CampaignWorld[]> {
  const worlds: CampaignWorld[] = [];
  for (const scenario of new Set(scenarios)) {
    // A model of the user's own takes no scheme; resolveSubject refuses one that is given.
    const own = isModelFile(scenario);
    for (const scheme of schemes ?? [own ? undefined : DEFAULT_SCHEME]) {
      const { subject } = await loopingSubject(await resolveSubject({ scenario, scheme, settings: set }, say));
      worlds.push(worldOf(subject, vcpus));
    }
  }
  return worlds;
}

function worldOf({ scenario, scheme, settings, record, hashes }: Subject, asked: SoakWords['vcpus']): CampaignWorld {
  return {
    scenario: scenarioName(scenario, settings),
    ...(scheme === undefined ? {} : { scheme }),
    vcpus: vcpusOf(record, asked),
    subject: z.json().parse({ record, hashes }),
  };
}

/** The numbers of vCPUs a world is run with; null: as it is written. */
function vcpusOf(record: SubjectRecord, asked: SoakWords['vcpus']): (number | null)[] {
  if (record.model !== 'guest_memfd') {
    if (asked === undefined) return [null];
    throw new InputError(
      `faultline: --vcpus ${asked}: ${record.name} is a model of its own; its parameters are set by --set.`,
    );
  }
  const scenario = scenarioOf(record);
  if (asked !== undefined) {
    for (const count of asked) withVcpus(scenario, count);
    return [...asked];
  }
  const own = scenario.actors.filter(({ kind }) => kind === 'vcpu').length;
  const most = scenarioBounds.liveActors - (scenario.actors.length - own);
  return [null, ...USUAL_VCPUS.filter((count) => own > 0 && count !== own && count <= most)];
}

/** The subjects of a campaign's steps; each is made once. */
export class SoakSubjects {
  readonly #subjects = new Map<string, Promise<Subject>>();

  /**
   * @param trust whether the files that the parameters hold may be run: those of a campaign that was begun here, or by
   * somebody whom the user trusts
   */
  constructor(
    readonly parameters: CampaignParameters,
    readonly trust: RecordTrust,
  ) {}

  /** Throws InputError when a world can no longer be rebuilt as it was. */
  async check(): Promise<void> {
    for (const [world, { scenario, scheme, subject }] of this.parameters.worlds.entries()) {
      const { hashes } = worldSubjectSchema.parse(subject);
      const now = (await subjectOfRecord(this.#record(world), this.trust)).hashes;
      if (now.scenario === hashes.scenario && now.scheme === hashes.scheme) continue;
      const what = now.scheme === hashes.scheme ? scenario : `scheme ${scheme}`;
      throw new InputError(`faultline: ${what} is not what it was when the campaign began; begin a new one.`);
    }
  }

  /** The subject that a step runs. */
  of({ world, vcpus }: Pick<CampaignStep, 'world' | 'vcpus'>): Promise<Subject> {
    const key = `${world} ${vcpus}`;
    const subject = this.#subjects.get(key) ?? this.#made(world, vcpus);
    this.#subjects.set(key, subject);
    return subject;
  }

  async #made(world: number, vcpus: number | null): Promise<Subject> {
    const subject = await subjectOfRecord(this.#record(world), { ...this.trust, copied: true });
    return vcpus === null ? subject : subjectWithVcpus(subject, vcpus);
  }

  #record(world: number): SubjectRecord {
    return worldSubjectSchema.parse(this.parameters.worlds[world].subject).record;
  }
}
