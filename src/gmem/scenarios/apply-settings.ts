/**
 * `--set name=value` on a scenario: the same actors and calls in a slightly different world.
 */

import { didYouMean, inputProblem, notAllowed, unknownName, wholeFrom } from '../../core/input-sentence.js';
import { callUnder, gfnsOfCall, pagesOfCall } from '../calls/call-spec.js';
import { isLinked, pagesOfInodes } from './files.js';
import {
  type Access,
  accesses,
  arches,
  conversions,
  LARGEST_ORDER,
  type Scenario,
  scenarioBounds,
} from './scenario.js';
import {
  isOfDevice,
  LARGE_GB,
  LINKED_TD,
  largeDeviceSentence,
  MIXED_SLOTS,
  slotGfnsText,
  unevenSentence,
} from './scenario-rules.js';

/** The settings of a scenario, as `--set` names them. */
export const scenarioSettings = [
  'gfns',
  'frames',
  'maxOrder',
  'arch',
  'conversion',
  'attribute',
  'gate',
  'hookFails',
  'allocationFails',
  'lruBatch',
  'unassignFails',
  'launchFails',
  'noDirectMap',
  'psmashFails',
  'septSplitFails',
  'septRemoveFails',
  'septBusy',
  'iopteSplitFails',
  'dynamicPamt',
  'pamtRemoveFails',
  'hugetlbPool',
  'slowEvict',
] as const;

type Setting = (typeof scenarioSettings)[number];

/**
 * Returns the scenario with the settings applied; the scenario itself is not changed.
 *
 * With `gfns` alone the spare frames stay as many as they were. `attribute` is the file's initial attribute: gfns that
 * the scenario overrides keep theirs, and guest accesses that went along with their gfn's attribute still do.
 *
 * @throws InputError for an unknown setting, a value that is not allowed, and gfns or frames too few for the calls.
 */
export function applySettings(scenario: Scenario, settings: Readonly<Record<string, string>>): Scenario {
  for (const name of Object.keys(settings)) {
    if (!scenarioSettings.includes(name as Setting)) {
      throw inputProblem(`--set ${name}=${settings[name]}`, unknownName('setting', name, scenarioSettings));
    }
  }
  const given = (name: Setting) => (Object.hasOwn(settings, name) ? settings[name] : undefined);
  const refuse = (name: Setting, allowed: string) =>
    inputProblem(`--set ${name}=${given(name)}`, notAllowed(name, given(name), allowed));
  const whole = (name: Setting, least: number, most: number, otherwise: number) => {
    const text = given(name);
    if (text === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most) {
      throw refuse(name, wholeFrom(least, most));
    }
    return Number(text);
  };
  const oneOf = <Name extends string>(name: Setting, names: readonly Name[], otherwise: Name): Name => {
    const text = given(name);
    if (text === undefined) return otherwise;
    const found = names.find((allowed) => allowed === text);
    if (found === undefined) throw refuse(name, `${names.join(', ')}${didYouMean(text, names)}`);
    return found;
  };
  const truth = (name: Exclude<Setting, 'gfns' | 'frames' | 'arch' | 'conversion' | 'attribute' | 'maxOrder'>) =>
    oneOf(name, ['true', 'false'], scenario[name] ? 'true' : 'false') === 'true';

  const conversion = oneOf('conversion', conversions, scenario.conversion);
  refuseUnshown({ ...scenario, conversion }, settings);
  const gfns = whole('gfns', gfnsUsed({ ...scenario, conversion }), scenarioBounds.gfns, scenario.gfns);
  const spare = scenario.frames - pagesOfInodes(scenario.gfns, scenario.files);
  const least = pagesOfInodes(gfns, scenario.files);
  const frames = whole('frames', least, scenarioBounds.frames, Math.min(least + spare, scenarioBounds.frames));
  const maxOrder = whole('maxOrder', 0, LARGEST_ORDER, scenario.maxOrder ?? 0);
  for (const [name, value] of [
    ['gfns', gfns],
    ['frames', frames],
  ] as const) {
    if (value % 2 ** maxOrder === 0) continue;
    const culprit = given(name) === undefined ? 'maxOrder' : name;
    throw inputProblem(`--set ${culprit}=${given(culprit)}`, unevenSentence(name, value, maxOrder));
  }
  if (scenario.slots !== undefined && maxOrder > 0 && conversion === 'vm-attributes') {
    const culprit = given('conversion') === undefined ? 'maxOrder' : 'conversion';
    throw inputProblem(`--set ${culprit}=${given(culprit)}`, MIXED_SLOTS);
  }
  if (scenario.rmpoptFrames !== undefined && maxOrder > 0) {
    throw inputProblem(`--set maxOrder=${given('maxOrder')}`, LARGE_GB);
  }
  if (given('arch') === 'tdx' && isLinked(scenario.files)) {
    throw inputProblem('--set arch=tdx', LINKED_TD);
  }
  const ofDevice = scenario.actors.flatMap(({ calls }) => calls).find(({ spec }) => isOfDevice(spec.call));
  if (maxOrder > 0 && ofDevice !== undefined) {
    throw inputProblem(`--set maxOrder=${given('maxOrder')}`, largeDeviceSentence(ofDevice.spec.call));
  }
  // Scenarios that were written before these keys have none, and their hashes stay.
  const {
    maxOrder: _order,
    lruBatch: _batch,
    unassignFails: _,
    launchFails: _launch,
    noDirectMap: _map,
    psmashFails: _psmash,
    septSplitFails: _splitfails,
    septRemoveFails: _removefails,
    septBusy: _busy,
    iopteSplitFails: _iopte,
    dynamicPamt: _pamt,
    pamtRemoveFails: _pamtfails,
    hugetlbPool: _pool,
    slowEvict: _slow,
    ...others
  } = scenario;
  return {
    ...(maxOrder === 0 ? {} : { maxOrder }),
    ...withAttribute(others, gfns, oneOf('attribute', accesses, scenario.attribute)),
    frames,
    arch: oneOf('arch', arches, scenario.arch),
    conversion,
    gate: truth('gate'),
    hookFails: truth('hookFails'),
    allocationFails: truth('allocationFails'),
    ...(truth('lruBatch') ? { lruBatch: true } : {}),
    ...(truth('unassignFails') && { unassignFails: true }),
    ...(truth('launchFails') && { launchFails: true }),
    ...(truth('noDirectMap') ? { noDirectMap: true } : {}),
    ...(truth('psmashFails') ? { psmashFails: true } : {}),
    ...(truth('septSplitFails') ? { septSplitFails: true } : {}),
    ...(truth('septRemoveFails') ? { septRemoveFails: true } : {}),
    ...(truth('septBusy') ? { septBusy: true } : {}),
    ...(truth('iopteSplitFails') ? { iopteSplitFails: true } : {}),
    ...(truth('dynamicPamt') ? { dynamicPamt: true } : {}),
    ...(truth('pamtRemoveFails') ? { pamtRemoveFails: true } : {}),
    ...(truth('hugetlbPool') ? { hugetlbPool: true } : {}),
    ...(truth('slowEvict') ? { slowEvict: true } : {}),
  };
}

/** The smallest number of gfns that has room for every call. */
function gfnsUsed(scenario: Scenario): number {
  const pages = scenario.actors.flatMap(({ calls }) => calls.flatMap(({ spec }) => pagesOfCall(scenario, spec) ?? []));
  const shown = (scenario.slots ?? []).map((slot) => slot.index + slot.pages);
  return Math.max(1, ...pages.map((page) => page + 1), ...shown);
}

/** Refuses calls whose numbers are gfns under the settings, and no gfns that a memslot has. */
function refuseUnshown(scenario: Scenario, settings: Readonly<Record<string, string>>): void {
  const { slots, conversion } = scenario;
  if (slots === undefined) return;
  for (const { spec } of scenario.actors.flatMap(({ calls }) => calls)) {
    if (pagesOfCall(scenario, spec) !== undefined) continue;
    const named = gfnsOfCall(spec);
    const sentence = `${spec.call} names gfns then, and ${named.join(', ')} are not of one memslot; allowed: ${slotGfnsText(slots)}`;
    throw inputProblem(`--set conversion=${settings.conversion ?? conversion}`, sentence);
  }
}

function withAttribute(scenario: Scenario, gfns: number, attribute: Access): Scenario {
  const attributes = Array.from({ length: gfns }, (_, gfn) => {
    const before = scenario.attributes[gfn] ?? scenario.attribute;
    return before === scenario.attribute ? attribute : before;
  });
  const actors = scenario.actors.map((actor) => ({
    ...actor,
    calls: actor.calls.map((call) => ({
      ...call,
      spec: callUnder(call.spec, scenario.attributes, attributes, scenario),
    })),
  }));
  return { ...scenario, gfns, attribute, attributes, actors };
}
