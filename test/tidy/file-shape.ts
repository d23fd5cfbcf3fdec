/** The shape of a file in src: short enough to read in one sitting, and opening with its design. */
import type { SourceFile } from './source-file.js';

const longest = 400;

/** One sentence for each file below src that is too long or does not open with a comment in words. */
export function fileShapeViolations(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, text }) => {
      const found: string[] = [];
      const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
      if (lines > longest) found.push(`${path}: ${lines} lines; ${longest} is the most, about 200 the habit`);
      if (!opensWithComment(path, text)) {
        found.push(`${path}: does not open with a comment that says what it is for, its interface, who may import it`);
      }
      return found;
    });
}

function opensWithComment(path: string, text: string): boolean {
  const afterShebang = text.replace(/^#!.*\n/, '').trimStart();
  if (/\.ya?ml$/.test(path)) return afterShebang.startsWith('#');
  // A directive to a tool says nothing to the reader.
  return /^\/[/*]/.test(afterShebang) && !/^\/[/*]+\s*(?:@ts-|biome-ignore|<reference|v8 ignore)/.test(afterShebang);
}
