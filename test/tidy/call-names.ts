/**
 * The registry of calls (src/gmem/calls/registry.ts) is the only list of them: no file elsewhere lists calls by their names,
 * or asks a call of a scenario which one it is. What is peculiar to one call its kind says.
 */
import { type ESTree, Visitor } from 'vite';
import { parse } from './parse.js';
import type { SourceFile } from './source-file.js';

/** Beside the calls themselves: what reads recordings, whose programs and kernels have names of their own for calls. */
const exempt = /^src\/gmem\/(?:calls|trace|ftrace)\//;

/** Words with another meaning: how a lock is held. */
const alsoWords = ['read', 'write'];

/** One sentence for each file that lists calls, and for each place that asks for one by its name. */
export function callNameViolations(files: readonly SourceFile[], names: readonly string[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/') && !exempt.test(path))
    .flatMap((file) => violationsIn(file, new Set(names)));
}

function violationsIn(file: SourceFile, names: ReadonlySet<string>): string[] {
  const { path, program, lineOf } = parse(file);
  const listed = new Map<string, number>();
  const asked: string[] = [];
  const note = (text: unknown, node: ESTree.Node) => {
    if (typeof text !== 'string' || !names.has(text) || alsoWords.includes(text)) return;
    if (!listed.has(text)) listed.set(text, lineOf(node));
  };
  const ask = (value: ESTree.Node | null, node: ESTree.Node) => {
    if (value?.type !== 'Literal' || typeof value.value !== 'string' || !names.has(value.value)) return;
    asked.push(`${path}:${lineOf(node)}: asks whether a call is "${value.value}"; let the kind of the call say why`);
  };
  new Visitor({
    Literal: (node) => note(node.value, node),
    Property: ({ key, computed }) => {
      if (!computed && key.type === 'Identifier') note(key.name, key);
    },
    BinaryExpression(node) {
      if (isCall(node.left)) ask(node.right, node);
      if (isCall(node.right)) ask(node.left, node);
    },
    SwitchStatement(node) {
      if (isCall(node.discriminant)) for (const { test } of node.cases) ask(test, test ?? node);
    },
  }).visit(program);
  const lines = [...listed].map(([name, line]) => `${name} (line ${line})`);
  const list = `${path}: lists calls: ${lines.join(', ')}; src/gmem/calls/registry.ts is the list`;
  return [...(listed.size > 1 ? [list] : []), ...asked];
}

/** `spec.call`, or `call` itself. */
function isCall(node: ESTree.Node): boolean {
  if (node.type === 'Identifier') return node.name === 'call';
  return node.type === 'MemberExpression' && node.property.type === 'Identifier' && node.property.name === 'call';
}
