/**
 * Tokens: one line that replays a finding, `fl1:scenario:scheme:settings:hashes:payload:checksum`. A finding that says
 * more than its run shows (a round, an order of locks) has `fl2`, with its claim before the checksum.
 *
 * It holds only characters that shells, mails and double clicks leave alone. White space that a mail put in is ignored.
 * A changelog line is owed whenever the meaning of a token changes. Used by the command line.
 */

import { crc32 } from '../core/crc32.js';
import { InputError } from '../core/errors.js';
import type { Claim } from '../verify/claim.js';
import { packClaim, unpackClaim } from './token-claim.js';
import { packPayload, type TokenPayload, unpackPayload } from './token-payload.js';

/** One short hash (8 hex digits) for each part a run is made of, to tell which of them changed. */
export interface TokenParts {
  readonly scenario: string;
  readonly scheme: string;
  readonly layout: string;
}

/** What a token says. */
export interface ReplayToken extends TokenPayload {
  readonly scenario: string;
  /** With its mutations: `v2-hook-every-fault+no-seq-check`. Empty for a model that has no schemes. */
  readonly scheme: string;
  /** Settings that differ from the defaults. */
  readonly settings: Readonly<Record<string, string>>;
  readonly parts: TokenParts;
  /** What the finding says beyond its run. */
  readonly claim?: Claim | undefined;
}

const VERSION = 'fl1';
const CLAIM_VERSION = 'fl2';
/** What tokens start with, in words. */
export const TOKEN_STARTS = `"${VERSION}:" or "${CLAIM_VERSION}:"`;
/** Version, scenario, scheme, settings, hashes, payload, checksum; the claim comes to these. */
const PARTS = 7;

/** Writes a token; equal findings have equal tokens. */
export function encodeToken(token: ReplayToken): string {
  const { scenario, scheme, layout } = token.parts;
  const settings = Object.keys(token.settings)
    .sort()
    .map((name) => `${escaped(name)}=${escaped(token.settings[name])}`);
  const body = [
    token.claim === undefined ? VERSION : CLAIM_VERSION,
    escaped(token.scenario),
    escaped(token.scheme),
    settings.join(','),
    [scenario, scheme, layout].join('.'),
    packPayload(token),
    ...(token.claim === undefined ? [] : [packClaim(token.claim)]),
  ].join(':');
  return `${body}:${checksum(body)}`;
}

/** Reads a token. Rejects with InputError that says whether it is of another version, incomplete, or damaged. */
export async function decodeToken(text: string): Promise<ReplayToken> {
  const line = text.replace(/\s+/g, '');
  const [version, ...rest] = line.split(':');
  if (!/^fl\d+$/.test(version)) {
    throw new InputError(`faultline: "${shortened(line)}" is not a token; a token starts with ${TOKEN_STARTS}.`);
  }
  if (version !== VERSION && version !== CLAIM_VERSION) {
    throw new InputError(
      `faultline: the token is of version ${version}; this faultline reads ${VERSION} and ${CLAIM_VERSION}. Replay it with the release that made it.`,
    );
  }
  const length = version === CLAIM_VERSION ? PARTS + 1 : PARTS;
  if (rest.length !== length - 1) {
    throw new InputError(
      `faultline: the token has ${rest.length + 1} parts, not ${length}: copy the whole line of the finding.`,
    );
  }
  const body = line.slice(0, line.lastIndexOf(':'));
  const [scenario, scheme, settings, hashes, payload] = rest;
  const sum = rest[rest.length - 1];
  if (sum !== checksum(body)) throw damaged(checksumText(sum, checksum(body)));
  const parts = /^([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9a-f]{8})$/.exec(hashes);
  const unpacked = unpackPayload(payload);
  const claim = version === CLAIM_VERSION ? await unpackClaim(rest[5]) : undefined;
  const claimed = version === VERSION || claim !== undefined;
  if (parts === null || unpacked === undefined || !claimed) throw damaged('its parts cannot be read');
  return {
    ...unpacked,
    scenario: unescaped(scenario),
    scheme: unescaped(scheme),
    settings: readSettings(settings),
    parts: { scenario: parts[1], scheme: parts[2], layout: parts[3] },
    ...(claim && { claim }),
  };
}

function readSettings(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2)) throw damaged('its settings cannot be read');
  return Object.fromEntries(pairs.map(([name, value]) => [unescaped(name), unescaped(value)]));
}

/** Percent-encoding of all but letters, digits and `-_.+`. */
function escaped(text: string): string {
  const code = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text)
    .replace(/[!'()*~]/g, code)
    .replaceAll('%2B', '+');
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw damaged(`"${shortened(text)}" cannot be read`);
  }
}

/** CRC-32 (IEEE 802.3): finds every change of a single character. */
function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}

function checksumText(given: string, computed: string): string {
  if (given === '') return 'its checksum is missing';
  return `it ends in the checksum ${shortened(given)}, but what stands before that has ${computed}`;
}

function damaged(what: string): InputError {
  return new InputError(`faultline: the token is damaged, ${what}: copy the whole line of the finding again.`);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
