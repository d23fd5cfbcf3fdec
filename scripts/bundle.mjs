/**
 * Bundles the sources into a few files that load fast: `node scripts/bundle.mjs FOLDER`, which scripts/setup calls. Of a
 * short run of the command line the loading of some 300 files was a third.
 *
 * Every module still exists once, and every source file still has its place in the folder: a file there hands out what
 * the source file exports, from the bundle that it went into. So whoever imports a file by its place, a worker thread, a
 * script or a user's model that imports the library, shares the modules of all others. Dependencies stay outside.
 */

import { readdirSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
/** Within `src`: what lies there is ours wherever somebody asks whose a line of a stack is. */
const BUNDLES = 'src/bundles';
/** What does something when it is loaded, or waits for what it loads: nothing that others import may lie in one file with it. */
const PROGRAM = /^(?:src\/cli\/main|workers\/.*)\.ts$/;
/** Files that are known by their names in a stack (src/model/carried/watch.ts): each is a bundle of that name. */
const NAMED = /^src\/core\/(?:automaton\/(feeder)|ops\/(routine|loop))\.ts$/;
/** Files whose frames in a stack have to be told from those of all others: they have bundles of their own. */
const LIBRARY = /^src\/(?:core\/ops|primitives)\/[^/]+$|^src\/gmem\/gmem\.ts$/;

/**
 * What is loaded on which occasion: files that are the first of ours then. Modules that are loaded on the same occasions
 * go into one bundle.
 */
const OCCASIONS = {
  cli: ['src/cli/main.ts'],
  list: [
    'src/gmem/scenarios/builtin-scenario-names.ts',
    'src/gmem/scenarios/parsed-scenarios.ts',
    'src/gmem/schemes/builtin-schemes.ts',
    'src/gmem/schemes/mutations.ts',
    'src/gmem/schemes/variants.ts',
  ],
  verify: ['src/cli/verify/run-verify.ts', 'workers/verify.ts'],
  explore: ['src/cli/explore/run-explore.ts', 'workers/explore.ts'],
  library: ['src/index.ts'],
  live: ['src/cli/stress/run-stress.ts', 'workers/live.ts'],
};

/** Occasions that are rarer: each has a bundle for what is loaded on none of those above. What is left over has none. */
const RARE = {
  compare: ['src/cli/compare/run-compare.ts'],
  soak: ['src/cli/soak/run-soak.ts'],
  conform: ['src/cli/conform/run-conform.ts', 'src/gmem/ftrace/trace-task.ts'],
  models: ['src/model/module-files.ts', 'src/model/carried/watch.ts', 'src/cli/check/checked-file.ts'],
};

const folder = process.argv[2];
const build = await rolldown({
  cwd: ROOT,
  input: Object.fromEntries(sources().map((path) => [path.replace(/\.ts$/, ''), join(ROOT, path)])),
  platform: 'neutral',
  external: /^[^./]/,
  treeshake: false,
  preserveEntrySignatures: 'allow-extension',
  tsconfig: false,
  plugins: [{ name: 'own address', transform: { filter: { code: /import\.meta/ }, handler: withOwnAddress } }],
});
let bundles;
await build.write({
  dir: folder,
  entryFileNames: '[name].js',
  chunkFileNames: `${BUNDLES}/[name].js`,
  sourcemap: true,
  minifyInternalExports: false,
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [{ debugName: 'occasions', minSize: 0, name: bundleOf }],
  },
});
await build.close();

/** The files that have a place in the folder: all but those that another compiler reads, or that pages carry. */
function sources() {
  return ['src', 'workers', 'machines'].flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true })
      .map((path) => `${top}/${path.replaceAll(sep, '/')}`)
      .filter((path) => path.endsWith('.ts') && !/^src\/(?:kernels|viewer|tryout)\//.test(path)),
  );
}

/** The name of a module's bundle; null where it has none. */
function bundleOf(id, graph) {
  bundles ??= bundlesByOccasion(graph);
  return bundles.get(id) ?? null;
}

/**
 * Names of bundles by module. No two bundles import each other, however far round: a module's number is never lower than
 * that of what it imports, and higher where they are of different kinds; and what it imports is loaded whenever it is.
 */
function bundlesByOccasion(graph) {
  const occasions = new Map();
  for (const [occasion, paths] of Object.entries(OCCASIONS)) {
    for (const id of loadedWith(paths, graph)) occasions.set(id, [...(occasions.get(id) ?? []), occasion]);
  }
  for (const [occasion, paths] of Object.entries(RARE)) {
    for (const id of loadedWith(paths, graph)) if (!occasions.has(id)) occasions.set(id, [occasion]);
  }
  const numbers = new Map();
  const names = new Map();
  for (const [id, met] of occasions) {
    if (PROGRAM.test(placeOf(id))) continue;
    const [, feeder, marker] = NAMED.exec(placeOf(id)) ?? [];
    names.set(id, feeder ?? marker ?? [kindOf(id), ...met, numberOf(id, graph, numbers)].join('-'));
  }
  return names;
}

function kindOf(id) {
  if (PROGRAM.test(placeOf(id)) || NAMED.test(placeOf(id))) return 'alone';
  return LIBRARY.test(placeOf(id)) ? 'ops' : 'other';
}

function numberOf(id, graph, numbers) {
  if (!numbers.has(id)) {
    const own = importsOf(id, graph).map((next) => numberOf(next, graph, numbers) + Number(isApart(id, next)));
    numbers.set(id, Math.max(0, ...own));
  }
  return numbers.get(id);
}

function isApart(id, other) {
  return kindOf(id) === 'alone' || kindOf(id) !== kindOf(other);
}

function importsOf(id, graph) {
  return graph.getModuleInfo(id).importedIds.filter((next) => next.startsWith(ROOT));
}

/** The modules of ours that are loaded with some files, themselves among them. */
function loadedWith(paths, graph) {
  const found = new Set(paths.map((path) => join(ROOT, path)));
  for (const id of found) {
    for (const next of importsOf(id, graph)) found.add(next);
  }
  return found;
}

/** Where a module lies: `src/index.ts`. */
function placeOf(id) {
  return relative(ROOT, id).replaceAll(sep, '/');
}

/** The text of a module with the address of its own place where it says `import.meta.url`, and not that of its bundle. */
function withOwnAddress(code, id, { magicString }) {
  const place = posix.relative(BUNDLES, placeOf(id).replace(/\.ts$/, '.js'));
  const address = `new URL('${place}', import.meta.url).href`;
  const visit = (node) => {
    if (node?.type === 'MemberExpression' && node.object.type === 'MetaProperty') {
      if (node.property.name !== 'url') throw new Error(`${id}: a module may ask import.meta for its url only`);
      magicString.overwrite(node.start, node.end, address);
    } else if (typeof node === 'object' && node !== null) {
      for (const part of Object.values(node)) visit(part);
    }
  };
  visit(this.parse(code, { lang: 'ts' }));
  return { code: magicString };
}
