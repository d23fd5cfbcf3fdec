/**
 * No clock and no random numbers but our own where a run must be a function of its seed: the model, the controlled
 * engines and all they stand on.
 */
import { type ESTree, Visitor } from 'vite';
import { parse } from './parse.js';
import type { SourceFile } from './source-file.js';

const controlled = /^(?:src\/(?:core|primitives|model|space|gmem|explore|verify)|machines)\//;

const forbidden = [
  'Math.random',
  'Date.now',
  'performance.now',
  'process.hrtime',
  'crypto.getRandomValues',
  'crypto.randomBytes',
  'crypto.randomInt',
  'crypto.randomUUID',
];

/** One sentence for each use of a clock or of foreign randomness in a file that must be deterministic. */
export function determinismViolations(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => controlled.test(path)).flatMap(violationsIn);
}

function violationsIn(file: SourceFile): string[] {
  const { path, program, lineOf } = parse(file);
  const found: string[] = [];
  const report = (node: ESTree.Node, what: string) =>
    found.push(`${path}:${lineOf(node)}: ${what} makes a run depend on more than its seed`);
  const reportDate = (node: ESTree.NewExpression | ESTree.CallExpression, what: string) => {
    if (namesOf(node.callee).at(-1) === 'Date') report(node, what);
  };
  new Visitor({
    MemberExpression(node) {
      const name = namesOf(node).slice(-2).join('.');
      if (forbidden.includes(name)) report(node, name);
    },
    NewExpression: (node) => reportDate(node, 'new Date'),
    CallExpression: (node) => reportDate(node, 'Date()'),
  }).visit(program);
  return found;
}

/** `globalThis.performance['now']` as ['globalThis', 'performance', 'now']; a part that is computed is ''. */
function namesOf(node: ESTree.Node): string[] {
  if (node.type === 'Identifier') return [node.name];
  if (node.type !== 'MemberExpression') return [''];
  const { object, property } = node;
  if (!node.computed && property.type === 'Identifier') return [...namesOf(object), property.name];
  return [...namesOf(object), property.type === 'Literal' ? String(property.value) : ''];
}
