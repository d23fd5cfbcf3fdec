/**
 * Text width: how many places of a terminal a text takes. Characters of East Asian scripts and emoji take two, marks that
 * combine with others none. Used by whatever is set in columns or wrapped.
 */

import stringWidth from 'string-width';

/** Made for the first text that needs it, because that takes as long as a short run. */
let graphemes: Intl.Segmenter | undefined;

/** Width of a text, in places of a terminal. */
export function widthOf(text: string): number {
  return isNarrow(text) ? text.length : stringWidth(text);
}

/** The text with spaces behind it, up to a width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** How much of a text fits into a width, in UTF-16 units: whole characters as a reader sees them, and at least one. */
export function fitting(text: string, width: number): number {
  if (isNarrow(text)) return Math.max(1, Math.min(width, text.length));
  graphemes ??= new Intl.Segmenter();
  let [end, used] = [0, 0];
  for (const { segment, index } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width && end > 0) return end;
    end = index + segment.length;
  }
  return end;
}

/** Whether every character is plain ASCII and takes one place: nearly all are, and looking is cheaper than measuring. */
function isNarrow(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
