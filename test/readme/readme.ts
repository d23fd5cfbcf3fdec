/**
 * The README's blocks: files that the reader writes (```yaml hole.yaml) and sessions (```console), in their order.
 */

/** A file whose text the README gives. */
export interface FileBlock {
  readonly kind: 'file';
  readonly name: string;
  readonly text: string;
}

/** A session: commands, each with what it prints. */
export interface SessionBlock {
  readonly kind: 'session';
  readonly commands: readonly { readonly command: string; readonly output: string }[];
  /** Where its text lies in the README. */
  readonly start: number;
  readonly end: number;
}

/** The blocks of a Markdown text. */
export function blocksOf(markdown: string): (FileBlock | SessionBlock)[] {
  const blocks: (FileBlock | SessionBlock)[] = [];
  for (const match of markdown.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)) {
    const [whole, language, name, text] = match;
    const start = match.index + whole.indexOf('\n') + 1;
    if (language === 'console') {
      blocks.push({ kind: 'session', commands: commandsOf(text), start, end: start + text.length });
    } else if (name !== undefined) {
      blocks.push({ kind: 'file', name, text });
    }
  }
  return blocks;
}

/** A session as the README shows it. */
export function sessionText(commands: SessionBlock['commands']): string {
  return commands.map(({ command, output }) => `$ ${command}\n${output}`).join('');
}

/** What must be equal: all but the time it took. */
export function timeless(output: string): string {
  // A time may be longer than the one that is written, and break the line elsewhere.
  const timed = output.replace(/\b(in|after)\s\d+\.\d+ s\b/g, '$1 N s');
  return timed.replace(/^Found in schedule [^.]*\.$/gm, (found) => found.replace(/\s+/g, ' '));
}

/** Output as it looks from the root of the clone, where the reader stands. */
export function fromTheClone(output: string): string {
  return output.replace(/(?:\.{1,2}\/|\/)[\w./-]*scripts\/run/g, './scripts/run');
}

function commandsOf(text: string): SessionBlock['commands'] {
  const commands: { command: string; output: string }[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2).trimEnd(), output: '' });
    else commands[commands.length - 1].output += line;
  }
  return commands;
}
