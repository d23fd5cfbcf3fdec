/**
 * Wrapping: sentences at words, code-like text at the places where an engineer would break it. Used by the reports.
 */

/** A sentence in lines of at most `width`; all but the first are indented. A word that is too long is cut. */
export function wrapWords(text: string, width: number, indent = ''): string[] {
  return wrap(text, width, width - indent.length, (line) => line.lastIndexOf(' ')).map((line, place) =>
    place === 0 ? line : indent + line,
  );
}

/**
 * A step, function or name in lines: the first at most `first` wide, the others `rest`. Breaks at spaces, else behind
 * punctuation and underscores, so that a long name is broken and no text is lost.
 */
export function wrapCode(text: string, first: number, rest: number): string[] {
  return wrap(text, first, rest, (line) => {
    const space = line.lastIndexOf(' ');
    // A break at a space is nicer unless it leaves most of the line empty.
    return space * 3 > line.length ? space : Math.max(space, line.search(/[_(,.>\])/-][^_(,.>\])/-]*$/) + 1);
  });
}

/** Cuts `text` where `breakAt` says: the length of the part of a full line (plus one character) that stays. */
function wrap(text: string, first: number, rest: number, breakAt: (line: string) => number): string[] {
  const lines: string[] = [];
  let left = plain(text);
  for (let width = Math.max(1, first); left.length > width; width = Math.max(1, rest)) {
    // One character more: a space right behind the line is a place to break, too.
    const found = breakAt(left.slice(0, width + 1));
    const cut = found > 0 && found <= width ? found : width;
    lines.push(left.slice(0, cut).trimEnd());
    left = left.slice(cut).trimStart();
  }
  return [...lines, left];
}

/** Text without line breaks, tabs and control characters, which names from users may hold. */
export function plain(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
