/**
 * What could come next on an unfinished command line. Read off the commands themselves: verbs and options are those of
 * the help, values those that the options offer. Imported by main when a shell asks.
 *
 * The protocol is that of @bomb.sh/tab (and of cobra before it): a line for each word that could stand at the end, what
 * it means behind a tab, and last a colon with the sum of directives to the shell. The library's own parser is not used:
 * it has no paths, no lists and no words that depend on others.
 */

import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { type Named, type Offer, offerOf } from '../options/offers.js';

/** Directives to the shell: no space after the word, and no files besides what we name. */
const NO_SPACE = 2;
const NO_FILES = 4;

/**
 * Paths that are named. Shells expand what they are told once more, bash commands in it included, so that a file's name
 * may be nothing but letters, digits and what means nothing to any of them.
 */
const HARMLESS = /^[\p{L}\p{N}_.+@%,:-]+$/u;

/** The answer to a shell, whose last word is the one that is being written. */
export async function answerTo(program: Command, words: readonly string[]): Promise<string> {
  const found = await candidates(program, words.slice(0, -1), words.at(-1) ?? '');
  const goesOn = found.length > 0 && found.every(({ name }) => /[/=]$/.test(name));
  const lines = found.map(({ name, title = '' }) => `${name}\t${title.replace(/\s+/g, ' ')}\n`);
  return `${lines.join('')}:${NO_FILES + (goesOn ? NO_SPACE : 0)}\n`;
}

async function candidates(program: Command, before: readonly string[], written: string): Promise<readonly Named[]> {
  const help = program.createHelp();
  const verbs = help.visibleCommands(program).map((verb) => ({ name: verb.name(), title: verb.description() }));
  const [name, ...rest] = before;
  if (name === undefined && !written.startsWith('-')) return startingWith(verbs, written);
  if (name === 'help') return rest.length === 0 ? startingWith(verbs, written) : [];
  const verb = name === undefined ? program : program.commands.find((each) => each.name() === name);
  if (verb === undefined) return [];
  const { open, given, operands, isOver } = readWords(verb, rest);
  if (open !== undefined) return await offered(offerOf(open), written, operands);
  if (!isOver && written.startsWith('-')) {
    const [flag, value] = halves(written);
    if (value === undefined) return startingWith(flagsLeft(help.visibleOptions(verb), given), written);
    return await offered(offerOfFlag(verb, flag), value, operands);
  }
  const argument = argumentAt(verb, operands.length);
  return argument === undefined ? [] : await offered(offerOf(argument), written, operands);
}

/** What the words before the last one are: an option that waits for its value, operands, options that were given. */
function readWords(verb: Command, words: readonly string[]) {
  const operands: string[] = [];
  const given = new Set<Option>();
  let open: Option | undefined;
  let isOver = false;
  for (const word of words) {
    if (open !== undefined) {
      open = undefined;
    } else if (isOver || !word.startsWith('-')) {
      operands.push(word);
    } else if (word === '--') {
      isOver = true;
    } else {
      const [flag, value] = halves(word);
      const option = optionOf(verb, flag);
      if (option !== undefined) given.add(option);
      if (option?.required === true && value === undefined) open = option;
    }
  }
  return { open, given, operands, isOver };
}

function halves(word: string): [flag: string, value: string | undefined] {
  const place = word.indexOf('=');
  return place < 0 ? [word, undefined] : [word.slice(0, place), word.slice(place + 1)];
}

/** Options that may still be given: all but those that were, unless they may be repeated. */
function flagsLeft(options: readonly Option[], given: ReadonlySet<Option>): Named[] {
  const left = options.filter((option) => !given.has(option) || option.description.includes('repeatable'));
  return left.flatMap(({ long, description }) => (long === undefined ? [] : [{ name: long, title: description }]));
}

function optionOf({ options }: Command, flag: string): Option | undefined {
  return options.find(({ long, short }) => long === flag || short === flag);
}

function offerOfFlag(verb: Command, flag: string): Offer | undefined {
  const option = optionOf(verb, flag);
  return option === undefined ? undefined : offerOf(option);
}

function argumentAt({ registeredArguments }: Command, place: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[place] ?? (last?.variadic === true ? last : undefined);
}

async function offered(
  offer: Offer | undefined,
  written: string,
  operands: readonly string[],
): Promise<readonly Named[]> {
  if (offer === undefined) return [];
  const comma = offer.isList === true ? written.lastIndexOf(',') + 1 : 0;
  const [settled, part] = [written.slice(0, comma), written.slice(comma)];
  const taken = new Set(settled.split(','));
  const names = startingWith((await offer.names?.(part, operands)) ?? [], part).filter(({ name }) => !taken.has(name));
  const kind = typeof offer.paths === 'function' ? offer.paths(operands) : offer.paths;
  const paths = kind === undefined ? [] : pathsAt(part, kind === 'folders');
  return [...names, ...paths].map((each) => ({ ...each, name: `${settled}${each.name}` }));
}

function startingWith(names: readonly Named[], written: string): Named[] {
  return names.filter(({ name }) => name.startsWith(written));
}

/** The entries of a folder that go on with what was written; folders with a slash at their end. */
function pathsAt(written: string, isFolder: boolean): Named[] {
  const folder = written.slice(0, written.lastIndexOf('/') + 1);
  const start = written.slice(folder.length);
  return entriesOf(folder === '' ? '.' : folder)
    .map((entry) => ({ name: entry.name, isDirectory: leadsToFolder(folder, entry) }))
    .filter(({ name, isDirectory }) => name.startsWith(start) && HARMLESS.test(name) && (isDirectory || !isFolder))
    .filter(({ name }) => start.startsWith('.') || !name.startsWith('.'))
    .map(({ name, isDirectory }) => ({ name: `${folder}${name}${isDirectory ? '/' : ''}` }));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    return [];
  }
}

function leadsToFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
