/**
 * Watch: looks at the text of every routine of a stranger that begins a loop, when it does so for the first time, and
 * refuses one that carries something from round to round besides what it hands on.
 *
 * Who begins a loop is seen from the stack: the file and the function. The file is read as it lies on the disk, and a
 * TypeScript file is what it was before it was compiled, so the loop is found in it by the function's name, and by the
 * line where lines agree; of several that fit, all are looked at. What is ours is covered by a test and not looked at.
 * Loaded by compileModel, and only for models and schemes of strangers, whose files are besides looked at as a whole: what
 * their routines change outside of themselves no local state knows of, loop or no loop.
 */

import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoopWatch } from '../../core/automaton/automaton.js';
import { ModelError } from '../../core/errors.js';
import type { Place } from '../../core/ops/routine.js';
import { type StackLine, stackLines } from '../../core/stack-lines.js';
import { isOwnFile } from '../own-file.js';
import { carriedBy } from './carried.js';
import { chanceSentence } from './chance.js';
import { droppedCallIn, useOnLine } from './dropped.js';
import { carriedSentence, droppedSentence, lostSentence, unreadSentence } from './sentences.js';
import { routinesOf, type Site, sitesOf } from './sites.js';
import { Sources } from './sources.js';

/** A place in a stranger's text. */
interface Frame {
  readonly path: string;
  readonly name: string | null;
  readonly line: number | null;
}

/**
 * Who runs routines: what is further out is an engine. Who makes the marks: whoever calls them begins the loop. All of
 * them are told apart in the built package too (scripts/bundle.mjs).
 */
const FEEDER = /[\\/](?:core[\\/]automaton|bundles)[\\/]feeder\.[jt]s$/;
const LIBRARY = /[\\/](?:(?:core[\\/]ops|primitives)[\\/][^\\/]+|gmem[\\/]gmem|bundles[\\/]ops-[^\\/]+)\.[jt]s$/;
const MARKERS = /[\\/](?:core[\\/]ops|bundles)[\\/](?:routine|loop)\.[jt]s$/;

/** Reads the texts of one process. */
export class TextWatch implements LoopWatch {
  readonly #sources = new Map<string, Sources>();
  /** What is wrong with a loop, by its place. */
  readonly #judged = new Map<string, string | undefined>();

  begins({ trace, first }: Place, routine: string): void {
    const frames = between(framesOf(trace as Error));
    const [frame] = frames;
    if (frame === undefined || isOwnFile(frame.path)) return;
    const key = `${frame.path}:${frame.line}:${frame.name}:${first === undefined}`;
    if (!this.#judged.has(key))
      this.#judged.set(key, this.#judge(frames, first === undefined ? 'here' : 'loop', routine));
    const sentence = this.#judged.get(key);
    if (sentence !== undefined) throw new ModelError(sentence);
  }

  dropped(made: Error, isFailed = false): string | undefined {
    // As text: there the lines are those of the file also where it was made into something else to be run.
    const frames = calling(between(stackLines(made.stack ?? '')));
    const sources = this.#sourcesOf(frames);
    let generated: string | undefined;
    for (const { path, line } of frames) {
      // What the library makes for itself it keeps; what it gets from a routine of a stranger's it does not yield.
      if (isOwnFile(path)) return generated;
      const names = sources.file(path);
      const use = names && useOnLine(names, line, generated !== undefined);
      const place = generated ?? `${basename(path)}:${line}`;
      // Where the text is not what was run, nobody can be seen to keep it.
      if (use === 'dropped' || use === undefined) return place;
      if (use === 'handed' && isFailed) return place;
      if (use === 'generated') generated = place;
      else if (use !== 'returned') return undefined;
    }
    return undefined;
  }

  /**
   * Looks at all routines of a file and of those that it imports from its own folders, whether they loop or not.
   *
   * @throws ModelError for a routine that changes what is there before and after a call of it, and that routines look at,
   * that calls a routine without yielding it, or that draws lots
   */
  file(path: string): void {
    if (isOwnFile(path)) return;
    if (!this.#judged.has(path)) {
      const sources = new Sources([path]);
      const site = routinesOf(sources);
      const carrier = site && carriedBy(sources, site);
      const call = droppedCallIn(sources);
      const sentence = carrier && carriedSentence(sources, site, carrier, 'a routine');
      this.#judged.set(path, sentence ?? (call && droppedSentence(sources, call)) ?? chanceSentence(sources));
    }
    const sentence = this.#judged.get(path);
    if (sentence !== undefined) throw new ModelError(sentence);
  }

  #judge(frames: readonly Frame[], kind: Site['kind'], routine: string): string | undefined {
    const sources = this.#sourcesOf(frames);
    const names = sources.file(frames[0].path);
    const sites = names === undefined ? [] : sitesOf(sources, names).filter((site) => site.kind === kind);
    if (names === undefined || sites.length === 0) {
      return kind === 'here' ? unreadSentence(frames[0].name ?? routine, frames[0].path) : undefined;
    }
    for (const site of meantBy(sources, sites, frames[0])) {
      if (kind === 'here' && (site.again === undefined || site.isHandedOn)) return lostSentence(names, site, routine);
      const carrier = carriedBy(sources, site);
      if (carrier !== undefined) return carriedSentence(sources, site, carrier, routine);
    }
    return undefined;
  }

  /** The file that begins the loop, and those of everybody who called it. */
  #sourcesOf(frames: readonly { readonly path: string }[]): Sources {
    const paths = [...new Set(frames.map(({ path }) => path))].filter((path) => !isOwnFile(path));
    const key = paths.join('\n');
    const known = this.#sources.get(key) ?? new Sources(paths);
    this.#sources.set(key, known);
    return known;
  }
}

/** The loops of a text that a place may be. */
function meantBy(sources: Sources, sites: readonly Site[], { name, line }: Frame): readonly Site[] {
  const named = sites.filter(({ call, around }) => {
    const own = around && sources.namesOf(call).nameOf(around);
    return (own ?? '') === (name ?? '').replace(/^.*\./, '');
  });
  const there = named.filter(({ call }) => call.loc?.start.line === line);
  return [there, named, sites].find((each) => each.length > 0) as readonly Site[];
}

/** The frames between who makes marks and the engine, which runs routines. */
function between<F extends StackLine | Frame>(all: readonly F[]): readonly F[] {
  const end = all.findIndex(({ path }) => FEEDER.test(path));
  return all.slice(0, end < 0 ? undefined : end).filter(({ path }) => !MARKERS.test(path));
}

/** Those of them from the first on that is not the library's, which makes ops for whoever calls it. */
function calling(frames: readonly StackLine[]): readonly StackLine[] {
  const first = frames.findIndex(({ path }) => !LIBRARY.test(path));
  return first < 0 ? [] : frames.slice(first);
}

/** The stack of an error, innermost first, without Node's own files. */
function framesOf(error: Error): Frame[] {
  const known = Error.prepareStackTrace;
  let calls: NodeJS.CallSite[] = [];
  try {
    Error.prepareStackTrace = (_, sites) => {
      calls = sites;
      return '';
    };
    void error.stack;
  } finally {
    Error.prepareStackTrace = known;
  }
  return calls.flatMap((call) => {
    const file = call.getFileName() ?? '';
    if (file === '' || file.startsWith('node:')) return [];
    const path = (file.startsWith('file:') ? fileURLToPath(file.replace(/[?#].*$/, '')) : file).replace(/\?.*$/, '');
    return [{ path, name: call.getFunctionName(), line: call.getLineNumber() }];
  });
}
