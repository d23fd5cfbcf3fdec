/**
 * The help: the keys. A dialog of the browser, so that focus and Escape are its work.
 */

import type { RefObject } from 'preact';
import { keyHelp } from './keys.js';

/** Shown by `dialog.current.showModal()`. */
export function HelpDialog({ dialog }: { readonly dialog: RefObject<HTMLDialogElement> }) {
  return (
    <dialog ref={dialog} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl>
        {keyHelp.map(([keys, words]) => (
          <div key={words}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        The address says which step is shown (#step=17), so a link leads there. Printing gives the run in columns.
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
