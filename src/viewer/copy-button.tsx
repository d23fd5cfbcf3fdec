/**
 * A button that copies a text, and says that it did. A page from the disk has no clipboard in every browser; then a
 * selection is copied.
 */

import { useState } from 'preact/hooks';

/** `label`: what is copied, in words: `Copy the replay line`. */
export function CopyButton({ label, text }: { readonly label: string; readonly text: string }) {
  const [said, say] = useState('');
  const copy = async (): Promise<void> => {
    say((await copied(text)) ? 'Copied' : 'Not copied: the browser refused');
    setTimeout(() => say(''), 2500);
  };
  return (
    <span class="copy">
      <button type="button" onClick={copy}>
        {label}
      </button>
      <span class="said" role="status">
        {said}
      </span>
    </span>
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}
